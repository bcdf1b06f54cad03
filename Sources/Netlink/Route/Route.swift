// SPDX-License-Identifier: MIT
public import Wire

/// A route as the kernel has it, or shall have it.
public struct Route: Hashable, Sendable {
  public var destination: IPPrefix
  /// The router to send to; it may be of the other IP version. `nil` if the destination is on the link.
  public var gateway: IPAddress?
  /// The link that packets leave through.
  public var interface: InterfaceIndex?
  public var table: RouteTable
  /// Who made it.
  public var `protocol`: RouteProtocol
  /// IPv6 knows only ``RouteScope/universe``.
  public var scope: RouteScope
  public var type: RouteType
  /// The source address of packets that this machine sends over it.
  public var preferredSource: IPAddress?
  public var metrics: RouteMetrics
  /// Routes to the same destination are taken in rising order; IPv6 puts 1024 where none is given.
  public var priority: UInt32?
  /// Whether the gateway counts as reachable although no address of the link says so.
  public var isOnLink: Bool
  /// Several next hops; then there is neither ``gateway`` nor ``interface``.
  public var nextHops: [NextHop] = []
  /// Whether a lightweight tunnel changes packets on the way. It is only read, not made.
  public internal(set) var encapsulates = false

  /// A route that Culvert owns, unless `protocol` says otherwise.
  ///
  /// `scope` is by default what the kernel expects for the type: this machine for local routes, the link where there
  /// is no gateway, anywhere for the rest.
  public init(
    destination: IPPrefix, gateway: IPAddress? = nil, interface: InterfaceIndex? = nil, table: RouteTable = .main,
    protocol: RouteProtocol = .culvert, scope: RouteScope? = nil, type: RouteType = .unicast,
    preferredSource: IPAddress? = nil, metrics: RouteMetrics = RouteMetrics(), priority: UInt32? = nil,
    isOnLink: Bool = false
  ) {
    self.destination = destination
    self.gateway = gateway
    self.interface = interface
    self.table = table
    self.protocol = `protocol`
    self.scope = scope ?? Self.scope(of: type, to: destination, gateway: gateway)
    self.type = type
    self.preferredSource = preferredSource
    self.metrics = metrics
    self.priority = priority
    self.isOnLink = isOnLink
  }

  private static func scope(of type: RouteType, to destination: IPPrefix, gateway: IPAddress?) -> RouteScope {
    switch type {
    case _ where destination.address.version == .v6: .universe
    case .local: .host
    case .unicast where gateway == nil: .link
    default: .universe
    }
  }
}

/// What TCP and the IP layer shall assume about a route; 0 is never sent, `nil` leaves it to the kernel.
public struct RouteMetrics: Hashable, Sendable {
  /// The path's MTU in bytes.
  public var mtu: UInt32?
  /// The maximum segment size to advertise, in bytes.
  public var advertisedMSS: UInt32?

  public init(mtu: UInt32? = nil, advertisedMSS: UInt32? = nil) {
    self.mtu = mtu
    self.advertisedMSS = advertisedMSS
  }
}

/// Where the kernel would send a packet now.
public struct ResolvedRoute: Hashable, Sendable {
  public var destination: IPAddress
  /// The link that it leaves through.
  public var interface: InterfaceIndex
  /// The router it is sent to; `nil` if the destination is on the link.
  public var gateway: IPAddress?
  /// The source address it gets if the sender has bound none.
  public var preferredSource: IPAddress?
  /// The path's MTU in bytes if the route sets one or the path told; else that of the link holds.
  public var mtu: UInt32?
  /// ``RouteType/local`` if the destination is this machine.
  public var type: RouteType
  /// The table in which the route stands.
  public var table: RouteTable

  /// The neighbour whose MAC address the packet gets.
  public var nextHop: IPAddress { gateway ?? destination }
}
