// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// A rule that lets what comes from a virtual address look up the routes for its answers, see ``ReturnRoutes``.
struct SourceRule: Hashable, Sendable, Codable {
  /// Just before the main table's rule: rules that somebody else has made keep their precedence.
  private static let priority: UInt32 = 32_765

  var source: IPPrefix

  private var rule: RoutingRule {
    RoutingRule(
      version: source.address.version, source: source, table: ReturnRoutes.table, priority: Self.priority)
  }

  private var words: String {
    "from \(source) lookup \(ReturnRoutes.table) priority \(Self.priority) protocol \(RouteProtocol.culvert)"
  }

  private var program: String { source.address.version == .v6 ? "ip -6 rule" : "ip rule" }
}

extension SourceRule: Step {
  var commands: [String] { ["\(program) add \(words)"] }

  func isMade(on netlink: NetlinkConnection) throws -> Bool {
    try netlink.rules(source.address.version, protocol: .culvert).contains(rule)
  }

  func remembering(on netlink: NetlinkConnection) -> Change { .rule(self) }

  func make(on netlink: NetlinkConnection, _ report: Report) throws {
    try netlink.addRule(rule)
  }

  func revert(on netlink: NetlinkConnection, _ report: Report) throws {
    guard try isMade(on: netlink) else { return }
    report("\(program) delete \(words)")
    try netlink.deleteRule(rule)
  }
}
