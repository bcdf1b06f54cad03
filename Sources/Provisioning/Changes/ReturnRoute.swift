// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// One of the ``ReturnRoutes``.
struct ReturnRoute: Hashable, Sendable, Codable {
  var destination: IPPrefix
  /// Where packets go; none leaves the destination to the main table.
  var hops: [Hop] = []
  var priority: UInt32?
  /// In bytes, if the route sets one.
  var mtu: UInt32?
  /// In bytes.
  var advertisedMSS: UInt32?

  struct Hop: Hashable, Sendable, Codable {
    var gateway: IPAddress?
    var link: String
    var weight = 1
    var isOnLink = false
  }

  init(
    destination: IPPrefix, hops: [Hop] = [], priority: UInt32? = nil, mtu: UInt32? = nil, advertisedMSS: UInt32? = nil
  ) {
    self.destination = destination
    self.hops = hops
    self.priority = priority
    self.mtu = mtu
    self.advertisedMSS = advertisedMSS
  }

  /// As ip(8) has it.
  var words: String {
    var words = hops.isEmpty ? "throw \(destination)" : "\(destination)"
    if let hop = hops.first, hops.count == 1 { words += way(hop) }
    if let priority, priority != 0 { words += " metric \(priority)" }
    if let mtu { words += " mtu \(mtu)" }
    if let advertisedMSS { words += " advmss \(advertisedMSS)" }
    words += " table \(ReturnRoutes.table) proto \(RouteProtocol.culvert)"
    return hops.count < 2 ? words : words + hops.map { " nexthop\(way($0)) weight \($0.weight)" }.joined()
  }

  private func way(_ hop: Hop) -> String {
    let family = hop.gateway.map { $0.version == destination.address.version ? "" : "inet6 " } ?? ""
    return (hop.gateway.map { " via \(family)\($0)" } ?? "") + " dev \(hop.link)" + (hop.isOnLink ? " onlink" : "")
  }

  /// As the kernel takes it.
  func route(on netlink: NetlinkConnection) throws -> Route {
    let hops = try hops.map { hop in
      NextHop(
        gateway: hop.gateway, interface: try netlink.requireLink(hop.link).index, weight: hop.weight,
        isOnLink: hop.isOnLink)
    }
    var route = Route(
      destination: destination, table: ReturnRoutes.table, type: hops.isEmpty ? .throw : .unicast,
      metrics: RouteMetrics(mtu: mtu, advertisedMSS: advertisedMSS), priority: priority)
    guard let hop = hops.first else { return route }
    if hops.count == 1 {
      (route.gateway, route.interface, route.isOnLink) = (hop.gateway, hop.interface, hop.isOnLink)
    } else {
      route.nextHops = hops
    }
    let isRouted = hops.contains { $0.gateway != nil } || destination.address.version == .v6
    route.scope = isRouted ? .universe : .link
    return route
  }

  /// The one that the kernel has as `route`; `links` are names. What cannot be said here is left to the main table.
  init(_ route: Route, links: [InterfaceIndex: String]) {
    destination = route.destination
    priority = route.priority
    guard route.type == .unicast, !route.encapsulates, let hops = Self.hops(of: route, links) else { return }
    self.hops = hops
    mtu = route.metrics.mtu
    advertisedMSS = route.metrics.advertisedMSS
  }

  /// In an order of their own: that of the kernel means nothing.
  private static func hops(of route: Route, _ links: [InterfaceIndex: String]) -> [Hop]? {
    let one = route.interface.map {
      NextHop(gateway: route.gateway, interface: $0, isOnLink: route.isOnLink)
    }
    let all = (one.map { [$0] } ?? []) + route.nextHops
    guard all.allSatisfy({ links[$0.interface] != nil }) else { return nil }
    let hops = all.map { hop in
      Hop(gateway: hop.gateway, link: links[hop.interface] ?? "", weight: hop.weight, isOnLink: hop.isOnLink)
    }
    return hops.sorted { "\($0)" < "\($1)" }
  }
}

extension ReturnRoute {
  /// What decides whether two routes of a table can both be there.
  struct Key: Hashable {
    let destination: IPPrefix
    let priority: UInt32?
  }

  var key: Key { Key(destination: destination, priority: priority) }
}
