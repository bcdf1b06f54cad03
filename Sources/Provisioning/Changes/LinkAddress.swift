// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// An address on a link.
struct LinkAddress: Hashable, Sendable, Codable {
  var prefix: IPPrefix
  var link: String
  /// Where the address counts.
  var scope: Scope = .universe

  enum Scope: String, Hashable, Sendable, Codable {
    case universe
    /// Only here: the kernel never chooses it as the source of what this host sends on its own account. IPv6 has no such
    /// scope for addresses like these; there it is deprecated from the start, and nobody is asked whether he has it too.
    case host
  }

  private func held(on netlink: NetlinkConnection) throws -> InterfaceAddress? {
    guard let link = try netlink.link(named: link) else { return nil }
    return try netlink.addresses(prefix.address.version, on: link.index).first { $0.address == prefix.address }
  }
}

extension LinkAddress: Step {
  var commands: [String] {
    let words =
      switch (scope, prefix.address.version) {
      case (.universe, _): ""
      case (.host, .v4): " scope host"
      case (.host, .v6): " nodad preferred_lft 0"
      }
    return ["ip address add \(prefix) dev \(link)\(words)"]
  }

  func isMade(on netlink: NetlinkConnection) throws -> Bool { try held(on: netlink) != nil }

  func remembering(on netlink: NetlinkConnection) -> Change { .address(self) }

  func make(on netlink: NetlinkConnection, _ report: Report) throws {
    let isSilent = scope == .host && prefix.address.version == .v6
    try netlink.addAddress(
      InterfaceAddress(
        interface: netlink.requireLink(link).index, prefix: prefix, scope: scope == .host ? .host : .universe,
        flags: isSilent ? [.noDuplicateDetection, .deprecated] : []))
  }

  func revert(on netlink: NetlinkConnection, _ report: Report) throws {
    guard let address = try held(on: netlink), address.prefix == prefix else { return }
    report("ip address delete \(prefix) dev \(link)")
    try netlink.deleteAddress(address)
  }
}
