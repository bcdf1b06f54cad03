// SPDX-License-Identifier: MIT
import SystemPackage
public import Wire

extension NetlinkConnection {
  /// Routes of both IP versions or one, of all tables or one, made by anybody or somebody.
  public func routes(
    _ version: IPVersion? = nil, table: RouteTable? = nil, protocol: RouteProtocol? = nil
  ) throws(NetlinkError) -> [Route] {
    var routes: [Route] = []
    for version in version.map({ [$0] }) ?? [.v4, .v6] {
      routes += try self.routes(of: version, table, `protocol`)
    }
    // Kernels before 4.20 do not narrow the list down.
    return routes.filter { (table ?? $0.table) == $0.table && (`protocol` ?? $0.protocol) == $0.protocol }
  }

  /// Adds a route; refused if the table has one with the same destination and priority.
  public func addRoute(_ route: Route) throws(NetlinkError) {
    try transact(.addRoute(route, replacing: false))
  }

  /// Adds a route, or puts it in the place of the one with the same destination and priority, whoever made that.
  public func replaceRoute(_ route: Route) throws(NetlinkError) {
    try transact(.addRoute(route, replacing: true))
  }

  /// Removes the route that agrees with all that `route` says; refused if there is none.
  public func deleteRoute(_ route: Route) throws(NetlinkError) {
    try transact(.deleteRoute(route))
  }

  /// Removes all routes and rules that were made under `protocol`, and nothing else.
  ///
  /// What disappears meanwhile, with its link for example, counts as removed.
  ///
  /// - Returns: how many there were.
  @discardableResult
  public func deleteRoutesAndRules(of protocol: RouteProtocol = .culvert) throws(NetlinkError) -> Int {
    let rules = try rules(protocol: `protocol`)
    for rule in rules {
      try unless(.noSuchFileOrDirectory) { () throws(NetlinkError) in try deleteRule(rule) }
    }
    let routes = try routes(protocol: `protocol`)
    for route in routes { try unless(.noSuchProcess) { () throws(NetlinkError) in try deleteRoute(route) } }
    return rules.count + routes.count
  }

  /// Where a packet to `destination` would go now, as the routing tables and rules have it.
  ///
  /// - Throws: ``NetlinkError`` with `.networkUnreachable` or `.noRouteToHost` if it would go nowhere.
  public func route(to destination: IPAddress, from source: IPAddress? = nil) throws(NetlinkError) -> ResolvedRoute {
    let request = try Request.resolve(destination, from: source)
    let found = try collect(request) { message throws(MalformedMessage) in try Route(message) }.first
    guard let route = found, let interface = route.interface else {
      throw NetlinkError(operation: request.operation(), errno: .networkUnreachable)
    }
    return ResolvedRoute(
      destination: destination, interface: interface, gateway: route.gateway, preferredSource: route.preferredSource,
      mtu: route.metrics.mtu, type: route.type, table: route.table)
  }

  /// Removes something, content if it is gone, which the kernel answers with `missing`.
  private func unless(_ missing: Errno, _ remove: () throws(NetlinkError) -> Void) throws(NetlinkError) {
    do throws(NetlinkError) {
      try remove()
    } catch {
      if error.errno != missing { throw error }
    }
  }

  private func routes(
    of version: IPVersion, _ table: RouteTable?, _ protocol: RouteProtocol?
  ) throws(NetlinkError) -> [Route] {
    do throws(NetlinkError) {
      return try collect(.routes(version, table: table, protocol: `protocol`)) { message throws(MalformedMessage) in
        try Route(message)
      }
    } catch {
      // A table exists as long as a route stands in it.
      if table != nil, error.errno == .noSuchFileOrDirectory { return [] }
      throw error
    }
  }
}
