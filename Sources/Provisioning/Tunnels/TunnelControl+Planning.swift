// SPDX-License-Identifier: MIT
import Netlink
import Wire

extension TunnelControl {
  func plan(_ request: TunnelRequest, on host: TunnelHost) throws -> TunnelPlan {
    let transitions =
      switch request {
      case .add(let setup): [try adding(setup, on: host)]
      case .change(let name, let edit): [try changing(name, on: host, edit)]
      case .apply(let setups, let pruning):
        try setups.map { try applying($0, on: host) }
          + removing(pruning ? Self.surplus(setups, on: host) : [], on: host)
      case .remove(let names): try removing(names, on: host)
      case .removeAll: try removing(host.ownNames, on: host)
      }
    try TunnelIdentity.requireDifferent(transitions, on: host)
    return try TunnelPlan(transitions, on: host)
  }

  /// The tunnels that a file does not know.
  private static func surplus(_ setups: [TunnelSetup], on host: TunnelHost) -> [String] {
    let known = Set(setups.map(\.name))
    return host.ownNames.filter { !known.contains($0) }
  }

  private func adding(_ setup: TunnelSetup, on host: TunnelHost) throws -> TunnelTransition {
    let transition = try applying(setup, on: host)
    let differences = transition.differences
    guard differences.isEmpty else {
      throw ProvisioningError(
        """
        there is a tunnel \(setup.name) already, and it is another one: \
        \(differences.map(\.description).joined(separator: ", ")): \(TunnelDifference.advice(differences, setup.name))
        """)
    }
    return transition
  }

  private func changing(
    _ name: String, on host: TunnelHost, _ edit: (inout TunnelSetup) throws -> Void
  ) throws -> TunnelTransition {
    let found = try host.ownTunnel(name)
    guard var setup = found.setup else {
      throw ProvisioningError(
        "somebody has opened \(name) to packets from everybody: 'culvert tunnel remove \(name)', and add it anew")
    }
    try edit(&setup)
    return try transition(setup, from: found, on: host)
  }

  private func applying(_ setup: TunnelSetup, on host: TunnelHost) throws -> TunnelTransition {
    var setup = setup
    let found = try existing(setup.name, on: host)
    // Nobody asked for another MTU.
    setup.link.mtu = setup.link.mtu ?? found?.mtu
    return try transition(setup, from: found, on: host)
  }

  /// The tunnel of this name that may be changed; nil if there is no such link.
  private func existing(_ name: String, on host: TunnelHost) throws -> TunnelView? {
    guard host.links[name] != nil else { return nil }
    if let tunnel = host.find(name), tunnel.isCulverts { return try host.ownTunnel(name) }
    throw ProvisioningError("there is a link \(name) already: give another name, or remove it first")
  }

  private func transition(
    _ setup: TunnelSetup, from found: TunnelView?, on host: TunnelHost
  ) throws -> TunnelTransition {
    try setup.validate()
    var setup = setup
    if let device = setup.link.device { _ = try host.requireLink(device) }
    setup.link.mtu = try setup.link.mtu ?? mtu(for: setup.link, on: host)
    return TunnelTransition(name: setup.name, found: found, wanted: setup)
  }

  private func removing(_ names: [String], on host: TunnelHost) throws -> [TunnelTransition] {
    try names.map { TunnelTransition(name: $0, found: try host.ownTunnel($0), wanted: nil) }
  }
}

extension TunnelControl {
  /// What fits into one outer packet on the way to the remote end.
  private func mtu(for link: TunnelLink, on host: TunnelHost) throws -> UInt32 {
    Self.mtu(path: try pathMTU(of: link, on: host), overhead: link.overhead)
  }

  static func mtu(path: UInt32, overhead: UInt32) -> UInt32 {
    // The length of an outer packet has 16 bits; the loopback link carries one more.
    let largest = Swift.min(path, 65_535)
    return Swift.max(largest - Swift.min(overhead, largest), TunnelSetup.smallestMTU.v4)
  }

  private func pathMTU(of link: TunnelLink, on host: TunnelHost) throws -> UInt32 {
    if let device = link.device { return try host.requireLink(device).mtu }
    let route: ResolvedRoute
    do throws(NetlinkError) {
      route = try netlink.route(to: link.remote)
    } catch {
      throw ProvisioningError(
        "there is no route to \(link.remote) to compute the MTU from (\(error.errno)): give --mtu")
    }
    if let mtu = route.mtu { return mtu }
    guard let interface = host.link(route.interface) else {
      throw ProvisioningError("the route to \(link.remote) has lost its interface: try again, or give --mtu")
    }
    return interface.mtu
  }
}
