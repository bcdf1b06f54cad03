// SPDX-License-Identifier: MIT
import Linux
import Netlink
import Wire

/// A request with everything decided that it leaves open: the changes follow from it.
struct RealServerArrangement: Hashable, Sendable, Codable {
  var request: RealServerRequest
  var decapsulation: Decapsulation
  /// The outer destinations.
  var endpoints: [IPAddress]
  /// Where clients' packets, as the decapsulator hands them on, could fail the reverse path filter of the interface.
  var loosensReversePathFilter: Bool
  /// Where neighbours may ask for addresses of this host, besides the interface of the request.
  var otherInterfaces: [String] = []
  /// How answers leave, of each IP version for which full-size packets of clients would not fit their tunnel.
  var returns: [ReturnRoutes] = []
  /// What does it again at boot.
  var boot: BootUnit?

  /// Where virtual addresses are put that no tunnel device needs: those of IPv6, and all without the kernel's tunnels.
  static let addressLink = "lo"

  /// The changes, in an order in which no neighbour ever hears of a virtual address, a missing driver is noticed first,
  /// and no tunnel is open before its filter.
  var changes: [Change] {
    let means: [Change] =
      switch decapsulation {
      case .kernel:
        [.filter(tunnelFilter)] + ports.map { .port($0) } + tunnels.map { .tunnel($0) } + tunnels.flatMap(filter)
          + silence + returnWays + tunnels.flatMap(addresses) + addresses(.v6, on: Self.addressLink)
      case .bpf: held + [attachment]
      case .unneeded: held
      }
    return means + (boot.map { [.boot($0)] } ?? [])
  }

  /// The virtual addresses where packets seem to come without a tunnel.
  private var held: [Change] {
    silence + looseFilter + returnWays + addresses(.v4, on: Self.addressLink) + addresses(.v6, on: Self.addressLink)
  }

  /// The routes for answers, and then the rules that make use of them.
  private var returnWays: [Change] {
    returns.map { .returnRoutes($0) }
      + returns.flatMap { routes in
        request.virtualAddresses.filter { $0.address.version == routes.version }.map { .rule(SourceRule(source: $0)) }
      }
  }

  private var tunnelFilter: TunnelFilter {
    TunnelFilter(
      tunnels: tunnelNames, virtualAddresses: request.virtualAddresses, directors: request.directors, port: port)
  }

  /// The kernel's devices, by name; none where it does not decapsulate.
  var tunnelNames: [String] { decapsulation == .kernel ? tunnels.map(\.name) : [] }

  /// What drives them.
  var drivers: [Tunnel.Kind] { tunnels.map(\.kind) }

  /// Where neighbours may ask for addresses of this host.
  var interfaces: [String] { [request.interface] + otherInterfaces }

  /// A device for each director and endpoint: one that takes from anywhere would be an open decapsulator
  /// (CVE-2020-10136).
  private var tunnels: [TunnelLink] {
    guard let tunnelProtocol = request.encapsulation.tunnel else { return [] }
    return Self.ways(endpoints, request.directors).enumerated().map { number, ends in
      TunnelLink(
        name: "culvert\(number)", tunnelProtocol: tunnelProtocol,
        payload: Tunnel.Payload(request.virtualAddresses.map(\.address.version)), local: ends.local,
        remote: ends.remote, key: request.key, port: port)
    }
  }

  /// Each end here with each director that it can have packets from.
  static func ways(_ endpoints: [IPAddress], _ directors: [IPPrefix]) -> [(local: IPAddress, remote: IPAddress)] {
    endpoints.flatMap { local in directors.map { (local, $0.address) } }.filter { $0.0.version == $0.1.version }
  }

  /// Where GUE and FOU arrive, for each version of outer headers.
  var ports: [TunnelPort] {
    guard decapsulation == .kernel, let port else { return [] }
    return [IPVersion.v4, .v6].filter { version in tunnels.contains { $0.local.version == version } }
      .map { TunnelPort(outer: $0, port: port) }
  }

  /// The UDP port that directors send to, if they send UDP.
  var port: UInt16? {
    request.encapsulation.tunnel?.isUDP == true ? request.port ?? TunnelProtocol.defaultPort : nil
  }

  private var serves4: Bool { request.virtualAddresses.contains { $0.address.version == .v4 } }

  /// Clients come in by the tunnel and are reached by another interface: that is what loose mode is for. It lets packets
  /// pass only where the device has an address. IPv6 has no such filter.
  private func filter(_ tunnel: TunnelLink) -> [Change] {
    guard serves4 else { return [] }
    return [.setting(InterfaceSetting(interface: tunnel.name, name: "rp_filter", value: 2))]
  }

  /// Answers no neighbour's question about addresses of other interfaces, and asks none in their name. IPv6 does neither
  /// by itself.
  private var silence: [Change] {
    guard serves4 else { return [] }
    return interfaces.flatMap { interface in
      [("arp_ignore", 1), ("arp_announce", 2)].map { name, value in
        .setting(InterfaceSetting(interface: interface, name: name, value: value))
      }
    }
  }

  private var looseFilter: [Change] {
    guard loosensReversePathFilter else { return [] }
    return [.setting(InterfaceSetting(interface: request.interface, name: "rp_filter", value: 2))]
  }

  private func addresses(_ tunnel: TunnelLink) -> [Change] { addresses(.v4, on: tunnel.name) }

  /// Of a range, a route says that all its addresses are this host's.
  private func addresses(_ version: IPVersion, on link: String) -> [Change] {
    request.virtualAddresses.filter { $0.address.version == version }.map {
      $0.isHost
        ? .address(LinkAddress(prefix: $0, link: link, scope: .host))
        : .route(LinkRoute(destination: $0, link: link, type: .local))
    }
  }

  private var attachment: Change { .decapsulator(attachedDecapsulator) }

  var attachedDecapsulator: AttachedDecapsulator {
    AttachedDecapsulator(
      interface: request.interface, bpffs: request.bpffs, endpoints: endpoints,
      directors: request.directors, virtualAddresses: request.virtualAddresses, port: port, key: request.key)
  }
}
