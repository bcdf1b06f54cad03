// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Wire

extension Schema {
  func server(_ name: String, _ value: Value) -> RealServer? {
    value.fields { fields -> RealServer? in
      let address = fields.required("address", scalar(Format.unicastAddress))
      let outer = self.outer(&fields, version: address?.version)
      let site = fields.optional("site", scalar(Format.name))
      let state = fields.optional("state", scalar(Format.choice(Words.states)))
      return address.map {
        RealServer(name: name, address: $0, outer: outer, site: site, administrativeState: state ?? .up)
      }
    }
  }

  /// How packets travel to an address of `version`. Where an encapsulation cannot be read, every key of any may stand.
  private func outer(_ fields: inout Fields, version: IPVersion?) -> OuterHeader {
    let encapsulation = fields.optional(
      "encapsulation", default: .ipip, scalar(Format.choice(Words.encapsulations)))
    var outer = OuterHeader(encapsulation ?? .ipip)
    readShim(&outer, encapsulation, &fields)
    let isTunnel = encapsulation != .l2
    if let timeToLive = fields.optional(
      "ttl", where: isTunnel, otherwise: "is for tunnels: l2 has no outer header",
      scalar(Format.number(in: 1...255)))
    {
      outer.timeToLive = UInt8(timeToLive)
    }
    if let forbids = fields.optional(
      "fragmentation", where: isTunnel && version != .v6,
      otherwise: "is for tunnels over IPv4: \(isTunnel ? "IPv6 routers divide no packets" : "l2 has no outer header")",
      scalar(Format.choice(Words.fragmentation)))
    {
      outer.forbidsFragmentation = forbids
    }
    return outer
  }

  /// What stands between the outer IP header and the packet.
  private func readShim(_ outer: inout OuterHeader, _ encapsulation: Encapsulation?, _ fields: inout Fields) {
    let word = encapsulation.map { Words.word($0) } ?? ""
    let isOverUDP = encapsulation?.isOverUDP ?? true
    if let key = fields.optional(
      "key", where: [.gre, nil].contains(encapsulation),
      otherwise: "is for gre, not \(word): write \"encapsulation: gre\" or leave it out",
      scalar(Format.number(in: 0...Int(UInt32.max))))
    {
      outer.encapsulation = .greKey
      outer.key = UInt32(key)
    }
    if let port = fields.optional(
      "port", where: isOverUDP,
      otherwise: """
        is the UDP port of a tunnel, for gue and fou, not \(word): a real server answers on the service's own port, \
        for direct server return cannot translate ports
        """, scalar(Format.number(in: 1...65_535)))
    {
      outer.port = UInt16(port)
    }
    if let computes = fields.optional(
      "udp-checksum", where: isOverUDP,
      otherwise: "is for gue and fou, not \(word): write \"encapsulation: gue\" or leave it out",
      scalar(Format.choice(Words.truths)))
    {
      outer.computesUDPChecksum = computes
    }
  }
}
