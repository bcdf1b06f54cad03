// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// What there was of tunnels, and of what they need, at one moment.
struct TunnelHost {
  /// By name.
  let links: [String: Link]
  /// In the order they were made.
  let tunnels: [TunnelView]
  private let places: [String: Int]
  private let names: [InterfaceIndex: String]
  /// UDP ports that the kernel unwraps; nil if it has no driver that does, or has not loaded it.
  let ports: [FOUPort]?

  /// Asks the kernel.
  init(_ netlink: NetlinkConnection, statistics: Bool = false) throws {
    self.init(
      links: try netlink.links(statistics: statistics), addresses: try netlink.addresses(),
      routes: try netlink.routes(table: .main), ports: try FOUConnection()?.ports())
  }

  init(links: [Link], addresses: [InterfaceAddress] = [], routes: [Route] = [], ports: [FOUPort]? = []) {
    // A link that is renamed just now may be told twice.
    let names = Dictionary(links.map { ($0.index, $0.name) }) { first, _ in first }
    // What comes and goes by itself, such as the kernel's own, is no part of how a tunnel is set up.
    let addresses = Dictionary(
      grouping: addresses.filter { $0.scope != .link && $0.flags.contains(.permanent) }, by: \.interface)
    let routes = Dictionary(grouping: routes.filter { $0.protocol != .kernel }, by: \.interface)
    self.links = Dictionary(links.map { ($0.name, $0) }) { first, _ in first }
    self.ports = ports
    let tunnels = links.compactMap { link in
      TunnelView(
        link, device: Self.device(link, names), addresses: addresses[link.index] ?? [],
        routes: routes[link.index] ?? [])
    }
    places = Dictionary(tunnels.indices.map { (tunnels[$0].name, $0) }) { first, _ in first }
    self.tunnels = tunnels
    self.names = names
  }

  private static func device(_ link: Link, _ names: [InterfaceIndex: String]) -> String? {
    guard case .tunnel(_, let tunnel) = link.info else { return nil }
    return tunnel.underlying.flatMap { names[$0] }
  }
}

extension TunnelHost {
  /// The tunnel called `name`.
  ///
  /// - Throws: ``ProvisioningError`` if there is none.
  func tunnel(_ name: String) throws -> TunnelView {
    if let found = find(name) { return found }
    if let link = links[name] {
      let kind = link.kind.map { "of kind \($0)" } ?? "without a driver of its own"
      throw ProvisioningError("\(name) is no tunnel, but a link \(kind)")
    }
    let there = tunnels.isEmpty ? "there are none" : "there are \(tunnels.map(\.name).joined(separator: ", "))"
    throw ProvisioningError("there is no tunnel \"\(name)\" (\(there))")
  }

  /// The tunnel called `name`, which `culvert tunnel` must have made.
  func ownTunnel(_ name: String) throws -> TunnelView {
    let tunnel = try tunnel(name)
    switch tunnel.owner {
    case .tunnel: return tunnel
    case .real:
      throw ProvisioningError(
        "\(name) belongs to this host's real server: 'culvert real up' and 'culvert real down' make and remove it")
    case .other:
      throw ProvisioningError(
        "\(name) was not made by Culvert: remove it with 'ip link delete dev \(name)' if nobody needs it")
    }
  }

  func find(_ name: String) -> TunnelView? { places[name].map { tunnels[$0] } }

  /// The link of this number, or `nil`.
  func link(_ index: InterfaceIndex) -> Link? { names[index].flatMap { links[$0] } }

  /// What all tunnels of `culvert tunnel` are called.
  var ownNames: [String] { tunnels.filter { $0.owner == .tunnel }.map(\.name) }

  /// The interface called `name`.
  func requireLink(_ name: String) throws -> Link {
    if let link = links[name] { return link }
    let names = links.values.sorted { $0.index < $1.index }.map(\.name).joined(separator: ", ")
    throw ProvisioningError("there is no interface \"\(name)\" (there are \(names))")
  }
}
