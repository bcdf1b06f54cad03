// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// What becomes of one tunnel.
struct TunnelTransition: Hashable, Sendable {
  let name: String
  /// What there is; nil for nothing.
  let found: TunnelView?
  /// What there shall be, with an MTU; nil for nothing.
  let wanted: TunnelSetup?

  /// Whether there is a tunnel before and after that cannot be made of each other: the kernel never changes the kind,
  /// of some not the mode either; and a link that goes down loses routes and addresses that it would need again.
  private var isReplacement: Bool {
    guard let found, let wanted else { return false }
    guard let link = found.setup?.link else { return true }
    return link.kind != wanted.link.kind || link.kind.keepsPayload && link.mode != wanted.link.mode
      || link.isUp && !wanted.link.isUp
  }

  /// What the addresses and routes of `wanted` are added to.
  private var kept: TunnelView? { isReplacement ? nil : found }

  var deletion: TunnelStep? {
    guard found != nil, wanted == nil || isReplacement else { return nil }
    return .deleteLink(name)
  }

  var creation: TunnelStep? {
    guard let wanted, kept == nil else { return nil }
    return .createLink(wanted.link)
  }

  var change: TunnelStep? {
    guard let wanted = wanted?.link, let found = kept?.setup?.link, found != wanted else { return nil }
    return .changeLink(wanted, from: found)
  }

  /// Addresses before the routes that need them; what is not wanted any more goes first.
  var contents: [TunnelStep] {
    guard let wanted else { return [] }
    let surplus: [TunnelStep] =
      surplusRoutes.map { .deleteRoute($0, link: name) } + surplusAddresses.map { .deleteAddress($0, link: name) }
    return surplus
      + wanted.addresses.filter { kept?.addresses.contains($0) != true }.map { .addAddress($0, link: name) }
      + wanted.routes.filter { kept?.routes.contains($0) != true }.map { .addRoute($0, link: name) }
  }

  /// What the tunnel has, and shall not have.
  var surplusAddresses: [IPPrefix] { (kept?.addresses ?? []).filter { wanted?.addresses.contains($0) == false } }
  /// What leads through the tunnel, and shall not.
  var surplusRoutes: [TunnelRoute] { (kept?.ownRoutes ?? []).filter { wanted?.routes.contains($0) == false } }
}

/// The UDP ports that transitions leave to be opened and closed.
struct TunnelPorts {
  private(set) var opening: [TunnelPort] = []
  private(set) var closing: [TunnelPort] = []

  init(_ transitions: [TunnelTransition], on host: TunnelHost, keeping kept: [FOUPort]) throws {
    let open = host.ports ?? []
    let names = Set(transitions.map(\.name))
    let others = Set(host.tunnels.filter { !names.contains($0.name) }.compactMap(\.receivingPort))
    let wanted = transitions.compactMap { $0.wanted?.link.receivingPort }.unique
    closing = transitions.compactMap { $0.found?.receivingPort }.unique.filter {
      !wanted.contains($0) && !others.contains($0) && open.contains($0.kernelPort) && !kept.contains($0.kernelPort)
    }
    let left = open.filter { port in !closing.contains { $0.kernelPort == port } }
    opening = wanted.filter { !left.contains($0.kernelPort) }
    for port in opening {
      if let other = left.first(where: port.collides) { throw port.refusal(other) }
      if let other = opening.first(where: { $0 != port && $0.collides(with: port.kernelPort) }) {
        throw port.refusal(other.kernelPort)
      }
    }
  }
}

extension TunnelView {
  /// Where this end listens, if Culvert made the tunnel: at the same port as the other end.
  var receivingPort: TunnelPort? {
    guard let encapsulation, let port else { return nil }
    return TunnelPort(outer: kind.outer, port: port, content: .init(of: kind, in: encapsulation))
  }
}

extension Array where Element: Hashable {
  /// Each element once, where it stands first.
  fileprivate var unique: Self {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
