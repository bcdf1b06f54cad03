// SPDX-License-Identifier: MIT
import CLinux
import Linux
public import Netlink
public import Wire

/// Finds out which hosts of a link say that an address is theirs.
public enum ClaimSearch {
  /// How often it is asked: a frame may be lost.
  private static let attempts = 3

  /// The link-layer addresses of all that answer on `link` within `limit`, this host's own among them if it would answer.
  /// Needs `CAP_NET_RAW`.
  public static func claimants(
    of address: IPAddress, on link: Link, within limit: Duration
  ) throws -> [MACAddress] {
    guard let own = link.macAddress else {
      throw ProbeError("\(link.name) is no Ethernet: nobody asks there who has an address")
    }
    var claimants: Set<MACAddress> = try answersItself(for: address, on: link) ? [own] : []
    let question = ClaimQuestion(address: address)
    let socket = try PacketSocket(.packets)
    try socket.bind(to: link.index, question.type)
    for _ in 0..<attempts {
      try socket.send(question.packet(from: own), out: link.index, to: question.receiver, question.type)
      _ = try socket.first(until: .now + limit / attempts) { received -> Never? in
        guard !received.isOutgoing else { return nil }
        if let claimant = question.claimant(in: received.bytes, from: received.sender) { claimants.insert(claimant) }
        return nil
      }
    }
    return claimants.sorted { $0.bits < $1.bits }
  }

  /// Whether this host would answer others. Of IPv4 it has an address for all links, unless `arp_ignore` says otherwise.
  private static func answersItself(for address: IPAddress, on link: Link) throws -> Bool {
    let holders = try NetlinkConnection().addresses(address.version).filter { $0.address == address }.map(\.interface)
    guard address.version == .v4, try arpIgnore(on: link) == 0 else { return holders.contains(link.index) }
    return !holders.isEmpty
  }

  private static func arpIgnore(on link: Link) throws -> Int {
    try ["all", link.name].map { Int(try Sysctl("net/ipv4/conf/\($0)/arp_ignore").read()) ?? 0 }.max() ?? 0
  }
}
