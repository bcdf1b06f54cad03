// SPDX-License-Identifier: MIT
import DataPlane
public import Netlink
public import Wire

/// The addresses of this host, to choose the one at which a real server's answers reach it.
public struct OwnAddresses {
  private let netlink: NetlinkConnection
  private let addresses: [InterfaceAddress]

  public init(_ netlink: NetlinkConnection) throws(NetlinkError) {
    self.netlink = netlink
    addresses = try netlink.addresses()
  }

  init() throws(NetlinkError) {
    try self.init(NetlinkConnection())
  }

  /// The address that a probe to `virtualAddress` comes from: the outer source if it is of the same family, or what this
  /// host would talk to the real server from; else any other that is not for this host or link alone.
  public func source(for virtualAddress: IPAddress, by tunnel: ServerTunnel) -> IPAddress? {
    if virtualAddress.version == tunnel.address.version, let source = source(for: tunnel) { return source }
    return preferred(for: virtualAddress)
      ?? addresses.first { $0.isUsable(for: virtualAddress) }?.address
  }

  /// The address that the real server itself is pinged from.
  package func source(for tunnel: ServerTunnel) -> IPAddress? {
    let outer = tunnel.path.source.address
    return addresses.contains { $0.address == outer } ? outer : preferred(for: tunnel.address)
  }

  /// What the route to `destination` prefers, if it leads elsewhere.
  private func preferred(for destination: IPAddress) -> IPAddress? {
    guard let route = try? netlink.route(to: destination), route.type == .unicast else { return nil }
    return route.preferredSource
  }
}

extension InterfaceAddress {
  fileprivate func isUsable(for destination: IPAddress) -> Bool {
    address.version == destination.version && address != destination && scope == .universe
      && flags.isDisjoint(with: [.tentative, .deprecated])
  }
}
