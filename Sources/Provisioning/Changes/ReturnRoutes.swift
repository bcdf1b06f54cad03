// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// How answers from virtual addresses of one IP version leave: by the routes of the main table, copied into one of
/// Culvert's own, where they tell clients an MSS that fits the tunnel as well.
///
/// All of them are one change, made and taken back together: packets look at the table only once a ``SourceRule`` says so.
struct ReturnRoutes: Hashable, Sendable, Codable {
  /// The number that Culvert's routes have as their protocol, too.
  static let table = RouteTable(rawValue: UInt32(RouteProtocol.culvert.rawValue))

  var version: IPVersion
  /// The largest segment that clients may send, in bytes.
  var maximumSegment: UInt32
  var routes: [ReturnRoute]

  private var program: String { version == .v6 ? "ip -6 route" : "ip route" }

  private func found(on netlink: NetlinkConnection) throws -> [ReturnRoute] {
    let names = Dictionary(uniqueKeysWithValues: try netlink.links().map { ($0.index, $0.name) })
    return try netlink.routes(version, table: Self.table, protocol: .culvert).map { ReturnRoute($0, links: names) }
  }

  /// Makes the table hold `wanted` and nothing else of Culvert's. What is right already stays, without a gap.
  private func fill(with wanted: [ReturnRoute], on netlink: NetlinkConnection) throws {
    let found = try found(on: netlink)
    for route in found where !wanted.contains(route) { try netlink.deleteRoute(route.route(on: netlink)) }
    for route in wanted where !found.contains(route) { try netlink.addRoute(route.route(on: netlink)) }
  }
}

extension ReturnRoutes: Step {
  var commands: [String] { routes.map { "\(program) replace \($0.words)" } }

  func isMade(on netlink: NetlinkConnection) throws -> Bool {
    try Set(found(on: netlink)) == Set(routes)
  }

  func remembering(on netlink: NetlinkConnection) throws -> Change {
    let others = try netlink.routes(version, table: Self.table).filter { $0.protocol != .culvert }
    guard others.isEmpty else {
      throw ProvisioningError(
        "routing table \(Self.table), which answers of virtual addresses are to use, has routes of somebody else: "
          + "'\(program) show table \(Self.table)'")
    }
    return .returnRoutes(self)
  }

  func make(on netlink: NetlinkConnection, _ report: Report) throws {
    let before = try found(on: netlink)
    do {
      try fill(with: routes, on: netlink)
    } catch {
      try fill(with: before, on: netlink)
      throw error
    }
  }

  func revert(on netlink: NetlinkConnection, _ report: Report) throws {
    guard try !found(on: netlink).isEmpty else { return }
    report("\(program) flush table \(Self.table) proto \(RouteProtocol.culvert)")
    try fill(with: [], on: netlink)
  }
}
