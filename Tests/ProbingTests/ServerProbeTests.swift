// SPDX-License-Identifier: MIT
import DataPlane
import Linux
import Netlink
import TestSupport
import Testing
import Wire

@testable import Probing

/// A director and a real server with Culvert's decapsulator, each in a namespace of its own, with ``Scene``'s addresses.
@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct ServerProbeTests {
  private static let versions = [IPVersion.v4, .v6]

  /// On the real server TCP's port 80 and UDP's port 53 are open; `body` runs on the director, and is given the way.
  private func withServer(
    _ encapsulation: Encapsulation, outer: IPVersion, isDecapsulating: Bool = true,
    _ body: (ServerTunnel) throws -> Void
  ) throws {
    try withNetworkNamespace {
      try skipDuplicateDetection()
      let director = try NetworkNamespace.current()
      try withNetworkNamespace {
        let server = try prepareServer(peer: director)
        let sockets = [try Listener(port: 80), try Listener(.udp, port: 53)]
        defer { withExtendedLifetime(sockets) {} }
        let tunnel = try director.run {
          try Self.tunnel(encapsulation, outer, nextHop: server.macAddress ?? .zero)
        }
        try awaitLinks("eth0")
        func probe() throws { try director.run { try body(tunnel) } }
        guard isDecapsulating else { return try probe() }
        try withDecapsulator(on: server.index, encapsulation) { _ in try probe() }
      }
    }
  }

  private func prepareServer(peer: borrowing NetworkNamespace) throws -> Link {
    try skipDuplicateDetection()
    let netlink = try NetlinkConnection()
    let veth = VethPeer(name: "eth0", namespace: .descriptor(peer.borrowed))
    let index = try netlink.createLink("eth0", .veth(veth), LinkSettings(isUp: true))
    try run("ip", "link", "set", "lo", "up")
    for version in Self.versions {
      try run("ip", "address", "add", "\(Scene.server(version))/\(version == .v4 ? 24 : 64)", "dev", "eth0", "nodad")
      try run("ip", "address", "add", "\(IPPrefix(host: Scene.virtualAddress(version)))", "dev", "lo")
    }
    return try #require(try netlink.link(index))
  }

  private static func tunnel(
    _ encapsulation: Encapsulation, _ outer: IPVersion, nextHop: MACAddress
  ) throws -> ServerTunnel {
    try run("ip", "link", "set", "eth0", "up")
    for version in versions {
      try run("ip", "address", "add", "\(Scene.director(version))/\(version == .v4 ? 24 : 64)", "dev", "eth0", "nodad")
    }
    try awaitLinks("eth0")
    let link = try #require(try NetlinkConnection().link(named: "eth0"))
    return ServerTunnel(
      to: Scene.server(outer), OuterHeader(encapsulation),
      by: Destination.Path(
        source: IPPrefix(host: Scene.director(outer)), nextHop: nextHop, egress: link.macAddress ?? .zero,
        interface: link.index.rawValue, mtu: 1500))
  }

  private func probe(
    _ transportProtocol: TransportProtocol, _ port: UInt16, _ inner: IPVersion, by tunnel: ServerTunnel
  ) throws -> ServiceReport {
    let service = ProbedService(
      name: "web", virtualAddress: Scene.virtualAddress(inner), port: port, transportProtocol: transportProtocol)
    let source = try OwnAddresses().source(for: service.virtualAddress, by: tunnel)
    #expect(source == Scene.director(inner))
    var probe = ServerProbe(
      service, by: tunnel, from: source ?? Scene.director(inner), timeout: .seconds(2))
    return try probe.run()
  }

  @Test(arguments: [Encapsulation.ipip, .gue], versions)
  func `is answered at both sizes, whatever the families`(_ encapsulation: Encapsulation, outer: IPVersion) throws {
    try withServer(encapsulation, outer: outer) { tunnel in
      for inner in Self.versions {
        let sizes = try probe(.tcp, 80, inner, by: tunnel).sizes
        #expect(sizes.small.outcome == .answered)
        #expect(sizes.full == SizedOutcome(bytes: 1500 - encapsulation.overhead(outer: outer), outcome: .answered))
      }
    }
  }

  @Test(arguments: versions)
  func `tells a closed port from a service that need not answer`(_ inner: IPVersion) throws {
    try withServer(.gre, outer: .v4) { tunnel in
      #expect(try probe(.tcp, 81, inner, by: tunnel).sizes.small.outcome == .refused)
      #expect(try probe(.udp, 54, inner, by: tunnel).sizes.small.outcome == .refused)
      let silent = try probe(.udp, 53, inner, by: tunnel).sizes
      #expect(silent.small.outcome == .unanswered && silent.isGood)
    }
  }

  @Test func `arrives where nobody decapsulates`() throws {
    try withServer(.gue, outer: .v4, isDecapsulating: false) { tunnel in
      let outcome = try probe(.tcp, 80, .v4, by: tunnel).sizes.small.outcome
      #expect(outcome == .tunnelRefused(.portUnreachable))
    }
  }

  @Test func `seems to arrive where the tunnel takes packets of others alone`() throws {
    try withServer(.gue, outer: .v4) { tunnel in
      try run("ip", "address", "add", "10.0.0.7/24", "dev", "eth0")
      var stranger = tunnel
      stranger.path.source = IPPrefix(host: .v4("10.0.0.7"))
      let service = ProbedService(
        name: "web", virtualAddress: Scene.virtualAddress(.v4), port: 80, transportProtocol: .tcp)
      var probe = ServerProbe(service, by: stranger, from: Scene.director(.v4), timeout: .seconds(1))
      let outcome = try probe.run().sizes.small.outcome
      #expect(outcome == .swallowed)
    }
  }

  @Test func `is silent where the host is gone`() throws {
    try withServer(.ipip, outer: .v4) { tunnel in
      var gone = tunnel
      gone.path.nextHop = "02:00:00:00:00:99"
      let service = ProbedService(
        name: "web", virtualAddress: Scene.virtualAddress(.v4), port: 80, transportProtocol: .tcp)
      var probe = ServerProbe(service, by: gone, from: Scene.director(.v4), timeout: .milliseconds(500))
      let outcome = try probe.run().sizes.small.outcome
      #expect(outcome == .silent)
    }
  }
}
