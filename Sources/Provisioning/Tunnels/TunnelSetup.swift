// SPDX-License-Identifier: MIT
public import Netlink
public import Wire

/// A tunnel to be made, with its addresses and the routes through it.
public struct TunnelSetup: Hashable, Sendable {
  public var name: String
  public var tunnelProtocol: TunnelProtocol
  public var local: IPAddress
  public var remote: IPAddress
  /// The GRE key of both directions.
  public var key: UInt32?
  /// The UDP port of both ends; nil for the usual one of GUE and FOU.
  public var port: UInt16?
  /// The outer time to live; 0 copies the inner one.
  public var ttl: UInt8 = 64
  /// The outer type of service; nil copies the inner one.
  public var tos: UInt8?
  /// The link that outer packets leave through; nil leaves it to the route.
  public var device: String?
  /// In bytes; nil computes it.
  public var mtu: UInt32?
  public var addresses: [IPPrefix] = []
  public var routes: [IPPrefix] = []

  public init(name: String, tunnelProtocol: TunnelProtocol, local: IPAddress, remote: IPAddress) {
    self.name = name
    self.tunnelProtocol = tunnelProtocol
    self.local = local
    self.remote = remote
  }

  /// Makes the tunnel, or fails and leaves everything as it was.
  public func add(_ netlink: NetlinkConnection, report: @escaping Report) throws {
    let changes = try changes(netlink)
    guard try netlink.link(named: name) == nil else {
      throw ProvisioningError("there is a link \(name) already: give another name, or remove it first")
    }
    var transaction = Transaction(netlink, report: report)
    try transaction.apply(changes)
  }

  /// The commands of ip(8) that do the same.
  public func commands(_ netlink: NetlinkConnection) throws -> [String] {
    try changes(netlink).flatMap(\.commands)
  }

  func changes(_ netlink: NetlinkConnection) throws -> [Change] {
    try validate()
    let port = tunnelProtocol.isUDP ? port ?? TunnelProtocol.defaultPort : nil
    let link = TunnelLink(
      name: name, tunnelProtocol: tunnelProtocol, payload: Tunnel.Payload(innerPrefixes.map(\.address.version)),
      local: local, remote: remote, key: key, port: port, ttl: ttl, tos: tos ?? TunnelLink.inheritedTOS,
      device: device, mtu: try mtu ?? computedMTU(netlink))
    return (port.map { [.port(TunnelPort(outer: local.version, port: $0))] } ?? []) + [.tunnel(link)]
      + addresses.map { .address(LinkAddress(prefix: $0, link: name)) }
      + routes.map { .route(LinkRoute(destination: $0, link: name)) }
  }
}

extension TunnelSetup {
  /// The smallest MTU of IPv4 (RFC 791) and of IPv6 (RFC 8200).
  private static let smallestMTU: (v4: UInt32, v6: UInt32) = (68, 1280)

  /// What fits into one outer packet on the way to the remote end.
  private func computedMTU(_ netlink: NetlinkConnection) throws -> UInt32 {
    let path = try pathMTU(netlink)
    return Self.mtu(path: path, overhead: overhead)
  }

  private var overhead: UInt32 { tunnelProtocol.overhead(outer: local.version, hasKey: key != nil) }

  /// What is known of the packets inside.
  private var innerPrefixes: [IPPrefix] { addresses + routes }

  static func mtu(path: UInt32, overhead: UInt32) -> UInt32 {
    // The length of an outer packet has 16 bits; the loopback link carries one more.
    let largest = Swift.min(path, 65_535)
    return Swift.max(largest - Swift.min(overhead, largest), smallestMTU.v4)
  }

  private func pathMTU(_ netlink: NetlinkConnection) throws -> UInt32 {
    if let device { return try netlink.requireLink(device).mtu }
    let route: ResolvedRoute
    do {
      route = try netlink.route(to: remote)
    } catch {
      throw ProvisioningError("there is no route to \(remote) to compute the MTU from (\(error.errno)): give --mtu")
    }
    if let mtu = route.mtu { return mtu }
    guard let link = try netlink.link(route.interface) else {
      throw ProvisioningError("the route to \(remote) has lost its interface: try again, or give --mtu")
    }
    return link.mtu
  }

  /// What the kernel would refuse with fewer words, or take and never carry.
  private func validate() throws {
    guard local.version == remote.version else {
      throw ProvisioningError("both ends of a tunnel have one IP version, which \(local) and \(remote) have not")
    }
    guard local != remote else { throw ProvisioningError("a tunnel needs two ends, and both are \(local)") }
    try tunnelProtocol.validate(key: key, port: port, option: "--kind")
    if let loop = routes.first(where: { $0.contains(remote) }) {
      throw ProvisioningError(
        "the route to \(loop) through \(name) would lead its own packets to \(remote) into itself")
    }
    try validateMTU()
  }

  private func validateMTU() throws {
    guard let mtu else { return }
    let carriesV6 = innerPrefixes.contains { $0.address.version == .v6 }
    let smallest = carriesV6 ? Self.smallestMTU.v6 : Self.smallestMTU.v4
    let largest = 65_535 - overhead
    guard smallest...largest ~= mtu else {
      throw ProvisioningError("an MTU of \(mtu) is not between \(smallest) and \(largest)")
    }
  }
}

extension IPPrefix {
  /// Whether `other` is one of the addresses.
  func contains(_ other: IPAddress) -> Bool {
    switch (address, other) {
    case (.v4(let own), .v4(let other)): (own.bits ^ other.bits).leadingZeroBitCount >= length
    case (.v6(let own), .v6(let other)):
      (own.high ^ other.high).leadingZeroBitCount >= min(length, 64)
        && (own.low ^ other.low).leadingZeroBitCount >= length - 64
    default: false
    }
  }
}
