// SPDX-License-Identifier: MIT
public import Wire

extension NetlinkConnection {
  /// Rules of both IP versions or one, made by anybody or somebody, in the order they are tried.
  public func rules(
    _ version: IPVersion? = nil, protocol: RouteProtocol? = nil
  ) throws(NetlinkError) -> [RoutingRule] {
    var rules: [RoutingRule] = []
    for version in version.map({ [$0] }) ?? [.v4, .v6] {
      rules += try collect(.rules(version)) { message throws(MalformedMessage) in try RoutingRule(message) }
    }
    return rules.filter { (`protocol` ?? $0.protocol) == $0.protocol }
  }

  /// Adds a rule; refused if it is there.
  public func addRule(_ rule: RoutingRule) throws(NetlinkError) {
    try transact(.addRule(rule))
  }

  /// Removes the first rule that agrees with all that `rule` says; refused if there is none.
  public func deleteRule(_ rule: RoutingRule) throws(NetlinkError) {
    try transact(.deleteRule(rule))
  }
}
