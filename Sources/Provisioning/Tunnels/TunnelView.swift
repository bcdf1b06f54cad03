// SPDX-License-Identifier: MIT
public import Netlink
public import Wire

/// A tunnel as the kernel has it, whoever made it. As JSON its keys are stable.
public struct TunnelView: Hashable, Sendable, Encodable {
  public var name: String
  /// The driver, such as `ipip`.
  public var kind: String
  /// `gue` or `fou`, where the packets travel in UDP.
  public var encapsulation: String?
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
  /// The link that outer packets leave through; nil leaves it to the route.
  public var device: String?
  /// In bytes.
  public var mtu: UInt32
  public var isUp: Bool
  /// Whether Culvert made it, and so may remove it.
  public var isCulverts: Bool
  public var addresses: [IPPrefix]
  public var routes: [IPPrefix]
  public var receivedPackets: UInt64
  public var receivedBytes: UInt64
  public var receiveErrors: UInt64
  public var sentPackets: UInt64
  public var sentBytes: UInt64
  public var sendErrors: UInt64

  /// Whether it decapsulates for everybody who knows its address (CVE-2020-10136).
  public var isOpen: Bool { remote == nil && isUp }
}

extension TunnelView {
  /// All IP and GRE tunnels, in the order they were made.
  public static func all(_ netlink: NetlinkConnection) throws -> [TunnelView] {
    let links = try netlink.links(statistics: true)
    let names = Dictionary(uniqueKeysWithValues: links.map { ($0.index, $0.name) })
    let addresses = try netlink.addresses()
    let routes = try netlink.routes(table: .main)
    return links.compactMap { link in
      TunnelView(
        link, names: names, addresses: addresses.filter { $0.interface == link.index && $0.scope != .link },
        routes: routes.filter { $0.interface == link.index && $0.protocol != .kernel })
    }
  }

  /// The tunnel called `name`.
  ///
  /// - Throws: ``ProvisioningError`` if there is none.
  public static func named(_ name: String, _ netlink: NetlinkConnection) throws -> TunnelView {
    let all = try all(netlink)
    if let found = all.first(where: { $0.name == name }) { return found }
    if let link = try netlink.link(named: name) {
      let kind = link.kind.map { "of kind \($0)" } ?? "without a driver of its own"
      throw ProvisioningError("\(name) is no tunnel, but a link \(kind)")
    }
    let there = all.isEmpty ? "there are none" : "there are \(all.map(\.name).joined(separator: ", "))"
    throw ProvisioningError("there is no tunnel \"\(name)\" (\(there))")
  }

  /// Removes the tunnel called `name`, with its addresses, the routes through it, and its UDP port if no other uses it.
  ///
  /// - Throws: ``ProvisioningError`` unless Culvert made it.
  public static func remove(_ name: String, _ netlink: NetlinkConnection, report: Report) throws {
    let tunnel = try named(name, netlink)
    guard tunnel.isCulverts else {
      throw ProvisioningError(
        "\(name) was not made by Culvert: remove it with 'ip link delete dev \(name)' if nobody needs it")
    }
    report("ip link delete dev \(name)")
    try netlink.deleteLink(netlink.requireLink(name).index)
    try tunnel.ownPort?.revert(on: netlink, report)
  }

  /// Where this end listens if Culvert made the tunnel: at the same port as the other end.
  private var ownPort: TunnelPort? {
    guard let port, let local else { return nil }
    return TunnelPort(outer: local.version, port: port)
  }

  private init?(
    _ link: Link, names: [InterfaceIndex: String], addresses: [InterfaceAddress], routes: [Route]
  ) {
    guard case .tunnel(let kind, let tunnel) = link.info else { return nil }
    self.init(
      name: link.name, kind: kind.rawValue, encapsulation: tunnel.udp.map { $0.format == .gue ? "gue" : "fou" },
      port: tunnel.udp?.destinationPort, local: tunnel.local, remote: tunnel.remote, key: tunnel.inputKey,
      ttl: tunnel.ttl, device: tunnel.underlying.flatMap { names[$0] }, mtu: link.mtu, isUp: link.isUp,
      isCulverts: link.alias == TunnelLink.mark, addresses: addresses.map(\.prefix), routes: routes.map(\.destination),
      receivedPackets: link.statistics?.receivedPackets ?? 0, receivedBytes: link.statistics?.receivedBytes ?? 0,
      receiveErrors: link.statistics?.receiveErrors ?? 0, sentPackets: link.statistics?.sentPackets ?? 0,
      sentBytes: link.statistics?.sentBytes ?? 0, sendErrors: link.statistics?.sendErrors ?? 0)
  }
}
