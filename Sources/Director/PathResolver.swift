// SPDX-License-Identifier: MIT
import DataPlane
import Netlink
import Wire

/// What the kernel says about the way to a real server.
enum PathState: Hashable {
  case path(Destination.Path)
  /// There is no way now, and why, for people.
  case unreachable(String)

  var path: Destination.Path? {
    guard case .path(let path) = self else { return nil }
    return path
  }
}

/// Looks up routes, interfaces and neighbours: nothing about the way to a server is configured by hand.
///
/// XDP and packet sockets bypass the kernel's own use of its neighbours, so it would forget them: whoever is not confirmed
/// is solicited here.
struct PathResolver {
  private let netlink: NetlinkConnection
  private let source: IPAddress?
  /// The last link-layer address of each next hop: good until the kernel says that it failed, not merely that it asks.
  private var lastKnown: [NextHop: MACAddress] = [:]

  private struct NextHop: Hashable {
    let address: IPAddress
    let interface: InterfaceIndex
  }

  /// `source` is the outer source address; without one, what each route prefers.
  init(_ netlink: NetlinkConnection, source: IPAddress?) {
    self.netlink = netlink
    self.source = source
  }

  /// The way to each of `servers` as it is now. Next hops that are not known are solicited: their answer is an event.
  mutating func resolve(_ servers: some Sequence<IPAddress>) throws(NetlinkError) -> [IPAddress: PathState] {
    var states: [IPAddress: PathState] = [:]
    let links = Dictionary(uniqueKeysWithValues: try netlink.links().map { ($0.index, $0) })
    for server in servers where states[server] == nil { states[server] = try resolve(server, links) }
    return states
  }

  private mutating func resolve(
    _ server: IPAddress, _ links: [InterfaceIndex: Link]
  ) throws(NetlinkError) -> PathState {
    let route: ResolvedRoute
    do {
      route = try netlink.route(to: server)
    } catch {
      return .unreachable("no route: \(error.errno)")
    }
    guard route.type == .unicast else { return .unreachable("its address is of type \(route.type) on this host") }
    guard let link = links[route.interface] else { return .unreachable("its interface is gone") }
    guard link.isUp else { return .unreachable("\(link.name) is down") }
    guard let egress = link.macAddress else { return .unreachable("\(link.name) has no Ethernet address") }
    guard let source = source ?? route.preferredSource else { return .unreachable("no source address on \(link.name)") }
    guard let nextHop = try address(of: route.nextHop, on: route.interface) else {
      return .unreachable("next hop \(route.nextHop) does not answer on \(link.name)")
    }
    return .path(
      Destination.Path(
        source: source, nextHop: nextHop, egress: egress, interface: route.interface.rawValue,
        mtu: UInt16(clamping: route.mtu ?? link.mtu)))
  }

  private mutating func address(
    of nextHop: IPAddress, on interface: InterfaceIndex
  ) throws(NetlinkError) -> MACAddress? {
    let key = NextHop(address: nextHop, interface: interface)
    let neighbour = try netlink.neighbour(nextHop, on: interface)
    let isConfirmed = neighbour.map { !$0.state.isDisjoint(with: [.reachable, .permanent, .noARP]) } ?? false
    if !isConfirmed { try netlink.solicit(nextHop, on: interface) }
    if let neighbour, neighbour.state.isUsable { lastKnown[key] = neighbour.macAddress }
    if neighbour?.state.contains(.failed) == true { lastKnown[key] = nil }
    return lastKnown[key]
  }
}
