// SPDX-License-Identifier: MIT
public import Netlink
public import Wire

/// A tunnel as the kernel has it, whoever made it. As JSON its keys are stable.
public struct TunnelView: Hashable, Sendable, Encodable {
  public var name: String
  /// The driver.
  public var kind: Tunnel.Kind
  /// In ip(8)'s words, where the kind has modes.
  public var mode: String?
  /// Where the packets travel in UDP.
  public var encapsulation: TunnelEncapsulation?
  /// The UDP port at the other end, where they do.
  public var port: UInt16?
  /// nil for any.
  public var local: IPAddress?
  /// nil for any: the tunnel takes packets from anywhere.
  public var remote: IPAddress?
  /// The GRE key that packets must carry.
  public var key: UInt32?
  /// 0 copies the inner one.
  public var ttl: UInt8
  /// nil copies the inner one.
  public var tos: UInt8?
  /// nil over IPv6, which leaves no choice.
  public var pathMTUDiscovery: Bool?
  /// nil for none.
  public var encapsulationLimit: UInt8?
  /// In bytes.
  public var mtu: UInt32
  /// The link that outer packets leave through; nil leaves it to the route.
  public var device: String?
  public var isUp: Bool
  public var owner: TunnelOwner
  public var addresses: [IPPrefix]
  /// Those of the main table, whoever made them, but for the kernel.
  public var routes: [TunnelRoute]
  public var receivedPackets: UInt64 = 0
  public var receivedBytes: UInt64 = 0
  public var receiveErrors: UInt64 = 0
  public var sentPackets: UInt64 = 0
  public var sentBytes: UInt64 = 0
  public var sendErrors: UInt64 = 0
  /// Those of ``routes`` that Culvert made.
  var ownRoutes: [TunnelRoute] = []

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, kind, mode, encapsulation, port, local, remote, key, ttl, tos, pathMTUDiscovery, encapsulationLimit
    case mtu, device, isUp, owner, addresses, routes
    case receivedPackets, receivedBytes, receiveErrors, sentPackets, sentBytes, sendErrors
  }

  /// Whether Culvert made it.
  public var isCulverts: Bool { owner != .other }

  /// Whether it decapsulates for everybody who knows its address (CVE-2020-10136).
  public var isOpen: Bool { remote == nil && isUp }
}

extension TunnelView {
  /// All IP and GRE tunnels, in the order they were made.
  public static func all(_ netlink: NetlinkConnection) throws -> [TunnelView] {
    try TunnelHost(netlink, statistics: true).tunnels
  }

  /// The tunnel called `name`.
  ///
  /// - Throws: ``ProvisioningError`` if there is none.
  public static func named(_ name: String, _ netlink: NetlinkConnection) throws -> TunnelView {
    try TunnelHost(netlink, statistics: true).tunnel(name)
  }

  /// The tunnel that `link` is, if it is one, with what belongs to it.
  init?(_ link: Link, device: String?, addresses: [InterfaceAddress], routes: [Route]) {
    guard case .tunnel(let kind, let tunnel) = link.info else { return nil }
    self.init(
      name: link.name, kind: kind, mode: tunnel.payload.word(for: kind),
      encapsulation: TunnelEncapsulation(tunnel.udp), port: tunnel.udp?.destinationPort, local: tunnel.local,
      remote: tunnel.remote, key: tunnel.inputKey, ttl: tunnel.ttl,
      tos: tunnel.tos == TunnelLink.inheritedTOS ? nil : tunnel.tos,
      pathMTUDiscovery: kind.outer == .v4 ? tunnel.discoversPathMTU : nil,
      encapsulationLimit: tunnel.encapsulationLimit, mtu: link.mtu, device: device, isUp: link.isUp,
      owner: TunnelOwner(alias: link.alias), addresses: addresses.map(\.prefix), routes: routes.map(TunnelRoute.init))
    ownRoutes = routes.filter { $0.protocol == .culvert }.map(TunnelRoute.init)
    guard let statistics = link.statistics else { return }
    (receivedPackets, receivedBytes) = (statistics.receivedPackets, statistics.receivedBytes)
    (sentPackets, sentBytes) = (statistics.sentPackets, statistics.sentBytes)
    (receiveErrors, sendErrors) = (statistics.receiveErrors, statistics.sendErrors)
  }
}

extension TunnelView {
  /// The same as something to be made or changed; nil where an end is open.
  var setup: TunnelSetup? {
    guard let local, let remote else { return nil }
    var link = TunnelLink(name: name, kind: kind, local: local, remote: remote)
    link.mode = mode.flatMap { try? Tunnel.Payload(mode: $0, of: kind) } ?? .any
    (link.encapsulation, link.port, link.key) = (encapsulation, port, key)
    (link.ttl, link.tos, link.discoversPathMTU) = (ttl, tos, pathMTUDiscovery ?? true)
    (link.encapsulationLimit, link.device, link.mtu, link.isUp) = (encapsulationLimit, device, mtu, isUp)
    link.owner = owner
    var setup = TunnelSetup(link)
    (setup.addresses, setup.routes) = (addresses, routes)
    return setup
  }

  /// The tunnel as it will look once it is what `setup` says.
  init(_ setup: TunnelSetup) {
    let link = setup.link
    self.init(
      name: link.name, kind: link.kind, mode: link.mode.word(for: link.kind), encapsulation: link.encapsulation,
      port: link.port, local: link.local, remote: link.remote, key: link.key, ttl: link.ttl, tos: link.tos,
      pathMTUDiscovery: link.kind.outer == .v4 ? link.discoversPathMTU : nil,
      encapsulationLimit: link.encapsulationLimit, mtu: link.mtu ?? 0, device: link.device, isUp: link.isUp,
      owner: link.owner, addresses: setup.addresses, routes: setup.routes)
  }
}
