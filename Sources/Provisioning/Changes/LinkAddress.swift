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
    /// Only here: the kernel never chooses it as the source of what this host sends on its own account.
    case host
  }

  private func held(on netlink: NetlinkConnection) throws -> InterfaceAddress? {
    guard let link = try netlink.link(named: link) else { return nil }
    return try netlink.addresses(prefix.address.version, on: link.index).first { $0.address == prefix.address }
  }
}

extension LinkAddress: Step {
  var commands: [String] {
    ["ip address add \(prefix) dev \(link)\(scope == .host ? " scope host" : "")"]
  }

  func isMade(on netlink: NetlinkConnection) throws -> Bool { try held(on: netlink) != nil }

  func remembering(on netlink: NetlinkConnection) -> Change { .address(self) }

  func make(on netlink: NetlinkConnection, _ report: Report) throws {
    try netlink.addAddress(
      InterfaceAddress(
        interface: netlink.requireLink(link).index, prefix: prefix, scope: scope == .host ? .host : .universe))
  }

  func revert(on netlink: NetlinkConnection, _ report: Report) throws {
    guard let address = try held(on: netlink), address.prefix == prefix else { return }
    report("ip address delete \(prefix) dev \(link)")
    try netlink.deleteAddress(address)
  }
}
