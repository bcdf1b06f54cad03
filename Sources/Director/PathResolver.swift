// SPDX-License-Identifier: MIT
public import DataPlane
import Netlink
import Wire

/// What the kernel says about the way to a real server.
public enum PathState: Hashable, Sendable {
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
  private let sources: [IPPrefix]
  private var links: [InterfaceIndex: Link] = [:]
  /// The last link-layer address of each next hop: good until the kernel says that it failed, not merely that it asks.
  private var lastKnown: [NextHop: MACAddress] = [:]
  /// Next hops that need no question any more: they are confirmed, or have been asked.
  private var settled: Set<NextHop> = []
  /// Whether at the last look some next hop was asked and had not answered: another look may find more.
  private(set) var awaitsAnswers = false

  private struct NextHop: Hashable {
    let address: IPAddress
    let interface: InterfaceIndex
  }

  /// `sources` are outer source addresses, or ranges of them, at most one a family; without one, what each route prefers.
  init(_ netlink: NetlinkConnection, sources: [IPPrefix]) {
    self.netlink = netlink
    self.sources = sources
  }

  /// The addresses of this host: nobody else may send from them.
  func ownAddresses() throws(NetlinkError) -> Set<IPAddress> {
    Set(try netlink.addresses().map(\.address))
  }

  /// The way to each of `servers` as it is now. Next hops that are not known are solicited: their answer is an event.
  mutating func resolve(_ servers: Set<IPAddress>) throws(NetlinkError) -> [IPAddress: PathState] {
    try look()
    var states: [IPAddress: PathState] = [:]
    for server in servers { states[server] = try resolve(server) }
    return states
  }

  /// Reads what is known of links and neighbours now.
  mutating func look() throws(NetlinkError) {
    links = try netlink.links().reduce(into: [:]) { $0[$1.index] = $1 }
    settled = []
    awaitsAnswers = false
    for neighbour in try netlink.neighbours() { learn(neighbour) }
  }

  /// Whether the interface was there at the last look.
  func knows(_ interface: InterfaceIndex) -> Bool { links[interface] != nil }

  private mutating func learn(_ neighbour: Neighbour) {
    let nextHop = NextHop(address: neighbour.address, interface: neighbour.interface)
    if neighbour.state.isUsable { lastKnown[nextHop] = neighbour.macAddress }
    if neighbour.state.contains(.failed) { lastKnown[nextHop] = nil }
    if !neighbour.state.isDisjoint(with: [.reachable, .permanent, .noARP]) { settled.insert(nextHop) }
  }

  /// The way to one server, by the last look.
  mutating func resolve(_ server: IPAddress) throws(NetlinkError) -> PathState {
    let route: ResolvedRoute
    do {
      route = try netlink.route(to: server)
    } catch {
      return .unreachable("no route: \(error.errno)")
    }
    guard route.type != .local else { return .unreachable("\(server) is an address of this host") }
    guard route.type == .unicast else { return .unreachable("\(server) is not the address of one host") }
    guard let link = links[route.interface] else { return .unreachable("its interface is gone") }
    guard link.isUp else { return .unreachable("\(link.name) is down") }
    guard let egress = link.macAddress else { return .unreachable("\(link.name) has no Ethernet address") }
    guard let source = source(of: route, to: server) else { return .unreachable("no source address on \(link.name)") }
    guard let nextHop = try macAddress(of: NextHop(address: route.nextHop, interface: link.index)) else {
      return .unreachable("next hop \(route.nextHop) does not answer on \(link.name)")
    }
    let way = Self.way(out: link)
    return .path(
      Destination.Path(
        source: source, nextHop: nextHop, egress: egress, interface: way.interface.rawValue, vlan: way.vlan,
        mtu: UInt16(clamping: route.mtu ?? link.mtu)))
  }

  private func source(of route: ResolvedRoute, to server: IPAddress) -> IPPrefix? {
    sources.first { $0.address.version == server.version } ?? route.preferredSource.map { IPPrefix(host: $0) }
  }

  /// Frames of a VLAN leave through the link below, with its tag: an XDP program sends past the VLAN's own device.
  private static func way(out link: Link) -> (interface: InterfaceIndex, vlan: UInt16) {
    guard case .vlan(let vlan) = link.info, let underlying = link.underlying else { return (link.index, 0) }
    return (underlying, vlan.identifier)
  }

  private mutating func macAddress(of nextHop: NextHop) throws(NetlinkError) -> MACAddress? {
    if settled.insert(nextHop).inserted { try netlink.solicit(nextHop.address, on: nextHop.interface) }
    if lastKnown[nextHop] == nil { awaitsAnswers = true }
    return lastKnown[nextHop]
  }
}
