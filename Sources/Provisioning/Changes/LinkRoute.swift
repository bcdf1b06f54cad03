// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// A route to a prefix through a link, under Culvert's own protocol number.
struct LinkRoute: Hashable, Sendable, Codable {
  var destination: IPPrefix
  var link: String
  var type: Kind = .unicast

  enum Kind: String, Hashable, Sendable, Codable {
    case unicast
    /// All addresses of the prefix are this host's.
    case local
  }

  private var table: RouteTable { type == .local ? .local : .main }

  private func route(on netlink: NetlinkConnection) throws -> Route {
    Route(
      destination: destination, interface: try netlink.requireLink(link).index, table: table,
      type: type == .local ? .local : .unicast)
  }

  private func found(on netlink: NetlinkConnection) throws -> Route? {
    guard let link = try netlink.link(named: link) else { return nil }
    return try netlink.routes(destination.address.version, table: table, protocol: .culvert)
      .first { $0.destination == destination && $0.interface == link.index }
  }
}

extension LinkRoute: Step {
  var commands: [String] { ["ip route add \(words)"] }

  /// As ip(8) has it.
  private var words: String {
    "\(type == .local ? "local " : "")\(destination) dev \(link) proto \(RouteProtocol.culvert)"
  }

  func isMade(on netlink: NetlinkConnection) throws -> Bool { try found(on: netlink) != nil }

  func remembering(on netlink: NetlinkConnection) -> Change { .route(self) }

  func make(on netlink: NetlinkConnection, _ report: Report) throws {
    try netlink.addRoute(route(on: netlink))
  }

  func revert(on netlink: NetlinkConnection, _ report: Report) throws {
    guard let route = try found(on: netlink) else { return }
    report("ip route delete \(words)")
    try netlink.deleteRoute(route)
  }
}
