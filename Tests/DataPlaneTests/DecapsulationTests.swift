// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// What comes out of a tunnel.
@Suite struct DecapsulationTests {
  /// Expects `packet`, which is in `tunnel`, to come out as `inner`.
  private func expect(
    _ packet: [UInt8], in tunnel: TestTunnel, comesOutAs inner: [UInt8], tags: [UInt16] = [],
    at realServer: TestDecapsulationEnvironment = RealServerScene.environment(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    realServer.receive(tunnel.frame(packet, tags: tags))
    var environment = realServer
    #expect(decapsulate(&environment) == .decapsulated, sourceLocation: sourceLocation)
    #expect(
      realServer.frame == tunnel.frame(inner, tags: tags, isStripped: true), "\(dump(realServer.frame))",
      sourceLocation: sourceLocation)
    #expect(realServer.verdicts == [.decapsulated: 1], sourceLocation: sourceLocation)
  }

  @Test(arguments: TestTunnel.all, ClientPacket.allCases)
  func `What is left is the client's packet under the link's header`(tunnel: TestTunnel, content: ClientPacket) {
    let inner = content.bytes(tunnel.inner)
    for tags: [UInt16] in [[], [100], [200, 100]] {
      expect(tunnel.packet(inner), in: tunnel, comesOutAs: inner, tags: tags)
    }
  }

  @Test(arguments: TestTunnel.all.filter { $0.outer == .v6 })
  func `Extension headers of the outer packet come off with it`(tunnel: TestTunnel) {
    let inner = ClientPacket.tcp.bytes(tunnel.inner)
    let carried = tunnel.encapsulation == .ipip ? tunnel.innerProtocol : nil
    func header() -> PacketBuilder {
      PacketBuilder().ip(from: RealServerScene.director(.v6), to: RealServerScene.endpoint(.v6))
    }
    let headers = [
      header().destinationOptions(nextHeader: carried),
      header().hopByHop(options: Array(repeating: 0, count: 22)).routing(nextHeader: carried),
      header().ipv6Fragment(identification: 9, offset: 0, more: false, nextHeader: carried),
      header().destinationOptions().authentication(nextHeader: carried),
      header().hopByHop().destinationOptions().routing().ipv6Fragment(identification: 9, offset: 0, more: false)
        .authentication().destinationOptions().destinationOptions(nextHeader: carried),
    ]
    for header in headers {
      expect(tunnel.packet(inner, behind: header), in: tunnel, comesOutAs: inner)
    }
  }

  @Test(arguments: TestTunnel.all.filter { $0.outer == .v4 }, [4, 12, 40])
  func `Options of the outer header come off with it`(tunnel: TestTunnel, count: Int) {
    let inner = ClientPacket.udp.bytes(tunnel.inner)
    let header = PacketBuilder().ipv4(
      from: "192.0.2.10", to: "10.1.0.11", options: Array(repeating: 1, count: count),
      protocolNumber: tunnel.encapsulation == .ipip ? tunnel.innerProtocol : nil)
    expect(tunnel.packet(inner, behind: header), in: tunnel, comesOutAs: inner)
  }

  @Test(arguments: TestTunnel.all)
  func `Padding of the link stays behind the packet`(tunnel: TestTunnel) {
    let inner = ClientPacket.tcp.bytes(tunnel.inner)
    expect(tunnel.packet(inner) + [1, 2, 3], in: tunnel, comesOutAs: inner + [1, 2, 3])
  }

  @Test(arguments: TestTunnel.all.filter(\.encapsulation.isOverUDP), [nil, 0x1234] as [UInt16?])
  func `A checksum of UDP is not looked at`(tunnel: TestTunnel, checksum: UInt16?) {
    let inner = ClientPacket.tcp.bytes(tunnel.inner)
    expect(tunnel.packet(inner, checksum: checksum), in: tunnel, comesOutAs: inner)
  }

  @Test func `UDP arrives at the port of the settings`() {
    let tunnel = TestTunnel(encapsulation: .gue, outer: .v6, inner: .v4)
    let inner = ClientPacket.tcp.bytes(.v4)
    expect(
      tunnel.packet(inner, port: 5555), in: tunnel, comesOutAs: inner, at: RealServerScene.environment(port: 5555))
  }

  @Test(arguments: [0, 7, .max] as [UInt32])
  func `The key of the settings is accepted, and any key without one`(key: UInt32) {
    let tunnel = TestTunnel(encapsulation: .greKey, outer: .v4, inner: .v6)
    let inner = ClientPacket.tcp.bytes(.v6)
    expect(tunnel.packet(inner, key: key), in: tunnel, comesOutAs: inner)
    expect(tunnel.packet(inner, key: key), in: tunnel, comesOutAs: inner, at: RealServerScene.environment(key: key))
  }

  @Test(arguments: TestTunnel.all)
  func `A director may send from a prefix, to a virtual address in one`(tunnel: TestTunnel) {
    let realServer = TestDecapsulationEnvironment()
    realServer.add(.endpoint, RealServerScene.endpoint(tunnel.outer))
    realServer.add(.director, RealServerScene.director(tunnel.outer), length: tunnel.outer == .v4 ? 28 : 100)
    realServer.add(.virtualAddress, RealServerScene.virtualAddress(tunnel.inner), length: 24)
    // A longer prefix in which the address plays no such part takes nothing away.
    realServer.add(.endpoint, RealServerScene.virtualAddress(tunnel.inner))
    let inner = ClientPacket.tcp.bytes(
      tunnel.inner, to: tunnel.inner == .v4 ? .v4("203.0.113.254") : .v6("2001:dff::1"))
    let source: IPAddress = tunnel.outer == .v4 ? .v4("192.0.2.15") : .v6("2001:db8:d::fff:ffff")
    expect(tunnel.packet(inner, from: source), in: tunnel, comesOutAs: inner, at: realServer)
  }

  @Test func `An address plays several parts`() {
    let tunnel = TestTunnel(encapsulation: .gre, outer: .v4, inner: .v4)
    let address = RealServerScene.endpoint(.v4)
    let realServer = TestDecapsulationEnvironment()
    for role in [AddressRole.endpoint, .director, .virtualAddress] { realServer.add(role, address) }
    let inner = ClientPacket.tcp.bytes(.v4, to: address)
    expect(tunnel.packet(inner, from: address), in: tunnel, comesOutAs: inner, at: realServer)
  }

  @Test func `Single addresses take three look-ups, and a connection outside tunnels none`() {
    var environment = RealServerScene.environment()
    let tunnel = TestTunnel(encapsulation: .ipip, outer: .v6, inner: .v4)
    environment.receive(tunnel.frame(tunnel.packet(ClientPacket.tcp.bytes(.v4))))
    #expect(decapsulate(&environment) == .decapsulated)
    #expect(environment.lookups == 3)
    environment.receive(tunnel.frame(ClientPacket.tcp.bytes(.v6)))
    #expect(decapsulate(&environment) == .notEncapsulated)
    #expect(environment.lookups == 0)
  }

  @Test func `A head that does not shrink leaves the packet as it is`() {
    var environment = RealServerScene.environment()
    let tunnel = TestTunnel(encapsulation: .ipip, outer: .v4, inner: .v4)
    let frame = tunnel.frame(tunnel.packet(ClientPacket.tcp.bytes(.v4)))
    environment.shrinks = false
    environment.receive(frame)
    #expect(decapsulate(&environment) == .malformedInner)
    #expect(environment.frame == frame)
  }
}
