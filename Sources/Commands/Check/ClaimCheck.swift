// SPDX-License-Identifier: MIT
import Balancing
import Netlink
import Wire

/// What `check arp` found, for people and programs; docs/checks.md describes the keys.
struct ClaimCheck: Encodable {
  let address: String
  let interface: String
  let claimants: [Claimant]
  let isGood: Bool
  let sentence: String

  struct Claimant: Encodable {
    let macAddress: String
    let isThisHost: Bool
    /// The real server that has the link-layer address.
    let server: String?
    /// What this host knows it by besides.
    let addresses: [String]

    fileprivate var name: String {
      isThisHost ? "this host" : server ?? addresses.first ?? "an unknown host"
    }
  }

  init(
    _ address: IPAddress, _ link: Link, _ claimants: [MACAddress], _ neighbours: [Neighbour], _ servers: [RealServer]
  ) {
    self.address = "\(address)"
    interface = link.name
    self.claimants = claimants.map { claimant in
      let known = neighbours.filter { $0.macAddress == claimant && $0.address != address }.map(\.address)
      return Claimant(
        macAddress: "\(claimant)", isThisHost: claimant == link.macAddress,
        server: servers.first { known.contains($0.address) }?.name, addresses: known.map { "\($0)" }.sorted())
    }
    let judgement = Self.judge(self.claimants, address, link.name)
    (isGood, sentence) = (judgement == nil, judgement ?? "exactly one answers, as it should be")
  }

  /// What is wrong, and the mend; nil if nothing is.
  private static func judge(_ claimants: [Claimant], _ address: IPAddress, _ interface: String) -> String? {
    let servers = claimants.filter { !$0.isThisHost && $0.server != nil }
    let width = address.version.addressWidth
    guard !claimants.isEmpty else {
      return """
        nobody answers. That is right only where a router has a route for \(address) to the director; else the director \
        must: 'ip address add \(address)/\(width) dev \(interface)' there
        """
    }
    guard servers.isEmpty else {
      return """
        a real server must not answer, for it draws the director's packets to itself: run 'culvert real up' on \
        \(servers.map(\.name).joined(separator: " and on "))\(address.version == .v4 ? ", which sets arp_ignore" : "")
        """
    }
    guard claimants.count > 1 else { return nil }
    return """
      one host alone must answer, the director: take \(address) off the others\
      \(address.version == .v4 ? ", or set net.ipv4.conf.INTERFACE.arp_ignore=1 there" : "")
      """
  }

  var text: String {
    let lines = claimants.map { claimant in
      "\(claimant.macAddress)  \(([claimant.name] + claimant.addresses.filter { $0 != claimant.name }).joined(separator: ", "))"
    }
    return (lines + ["\(address) on \(interface): \(sentence)"]).joined(separator: "\n")
  }
}
