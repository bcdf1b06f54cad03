// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// A frame that arrives on a real server and is not decapsulated.
struct RefusedFrame: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let frame: [UInt8]
  let verdict: DecapsulationVerdict

  init(_ description: String, _ frame: [UInt8], _ verdict: DecapsulationVerdict) {
    self.testDescription = description
    self.frame = frame
    self.verdict = verdict
  }
}

@Suite struct DecapsulationRefusalTests {
  private static let ipip = TestTunnel(encapsulation: .ipip, outer: .v4, inner: .v4)
  private static let gre = TestTunnel(encapsulation: .gre, outer: .v4, inner: .v4)
  private static let fou = TestTunnel(encapsulation: .fou, outer: .v4, inner: .v4)
  private static let gue = TestTunnel(encapsulation: .gue, outer: .v4, inner: .v4)
  private static let inner = ClientPacket.tcp.bytes(.v4)

  /// A frame with `bytes` behind the header of a packet from the director to the endpoint.
  private static func carrying(
    _ protocolNumber: UInt8, _ bytes: [UInt8], fragment: UInt16 = 0, totalLength: UInt16? = nil
  ) -> [UInt8] {
    PacketBuilder().ethernet()
      .ipv4(
        from: "192.0.2.10", to: "10.1.0.11", fragment: fragment, protocolNumber: protocolNumber,
        totalLength: totalLength
      ).raw(bytes).bytes
  }

  private static func gre(_ header: [UInt8]) -> [UInt8] { carrying(47, header + inner) }

  private static func udp(_ payload: [UInt8], length: UInt16? = nil) -> [UInt8] {
    PacketBuilder().ethernet().ipv4(from: "192.0.2.10", to: "10.1.0.11")
      .udp(from: 50_000, to: 6080, payload: payload, checksum: 0, length: length).bytes
  }

  private static func ipv6Fragment(offset: Int, more: Bool) -> [UInt8] {
    let tunnel = TestTunnel(encapsulation: .ipip, outer: .v6, inner: .v4)
    let header = PacketBuilder().ip(from: RealServerScene.director(.v6), to: RealServerScene.endpoint(.v6))
      .ipv6Fragment(identification: 1, offset: offset, more: more, nextHeader: 4)
    return tunnel.frame(tunnel.packet(inner, behind: header))
  }

  static let passed: [RefusedFrame] = [
    RefusedFrame("an empty frame", [], .truncatedFrame),
    RefusedFrame("half an Ethernet header", Array(ipip.frame([]).prefix(13)), .truncatedFrame),
    RefusedFrame("half a tag", Array(ipip.frame(ipip.packet(inner), tags: [100]).prefix(17)), .truncatedFrame),
    RefusedFrame("an ARP packet", ipip.frame(ipip.packet(inner)).replacing(13, with: 6), .notIP),
    RefusedFrame("a third tag", ipip.frame(ipip.packet(inner), tags: [1, 2, 3]), .notIP),
    RefusedFrame("half an IP header", Array(ipip.frame(ipip.packet(inner)).prefix(33)), .malformedIP),
    RefusedFrame("another version of IP", ipip.frame(ipip.packet(inner)).replacing(14, with: 0x65), .malformedIP),
    RefusedFrame("a total length beyond the frame", ipip.frame(ipip.packet(inner)).dropLast(), .malformedIP),
    RefusedFrame(
      "eight extension headers",
      PacketBuilder().ethernet().ip(from: RealServerScene.director(.v6), to: RealServerScene.endpoint(.v6))
        .hopByHop().hopByHop().hopByHop().hopByHop().hopByHop().hopByHop().hopByHop().hopByHop(nextHeader: 4)
        .raw(inner).bytes, .malformedIP),
    RefusedFrame(
      "an extension header that goes beyond the packet",
      PacketBuilder().ethernet().ip(from: RealServerScene.director(.v6), to: RealServerScene.endpoint(.v6))
        .destinationOptions(nextHeader: 4, length: 20).raw(inner).bytes, .malformedIP),
    RefusedFrame(
      "a director's IPv4 address in an IPv6 header",
      PacketBuilder().ethernet().ipv6(from: "::ffff:192.0.2.10", to: "2001:db8:1::11", nextHeader: 4).raw(inner).bytes,
      .malformedIP),
    RefusedFrame("a client's packet outside a tunnel", ipip.frame(inner), .notEncapsulated),
    RefusedFrame("UDP to another port", fou.frame(fou.packet(inner, port: 6081)), .notEncapsulated),
    RefusedFrame("half a UDP header", carrying(17, [0, 1, 0x17, 0xC0]), .notEncapsulated),
    RefusedFrame(
      "a UDP header that is padding", carrying(17, [0, 1, 0x17, 0xC0, 0, 8, 0, 0], totalLength: 24), .notEncapsulated),
    RefusedFrame(
      "a later fragment of UDP", carrying(17, [0, 1, 0x17, 0xC0, 0, 8, 0, 0], fragment: 5), .notEncapsulated),
    RefusedFrame("Ethernet in IP", carrying(143, inner), .notEncapsulated),
    RefusedFrame("a tunnel to somebody else", ipip.frame(ipip.packet(inner, to: .v4("10.1.0.12"))), .notEndpoint),
    RefusedFrame(
      "a tunnel to a director's address", gre.frame(gre.packet(inner, to: RealServerScene.director(.v4))), .notEndpoint),
    RefusedFrame(
      "a tunnel to the virtual address", gue.frame(gue.packet(inner, to: RealServerScene.virtualAddress(.v4))),
      .notEndpoint),
    RefusedFrame(
      "a stranger's tunnel to somebody else",
      fou.frame(fou.packet(inner, from: RealServerScene.stranger(.v4), to: .v4("10.1.0.12"))), .notEndpoint),
  ]

  static let dropped: [RefusedFrame] =
    TestTunnel.all.flatMap { tunnel in
      let inner = ClientPacket.tcp.bytes(tunnel.inner)
      let other: IPAddress = tunnel.inner == .v4 ? .v4("203.0.113.81") : .v6("2001:db8:f::81")
      let name = tunnel.testDescription
      return [
        RefusedFrame(
          "\(name) from a stranger", tunnel.frame(tunnel.packet(inner, from: RealServerScene.stranger(tunnel.outer))),
          .unknownDirector),
        RefusedFrame(
          "\(name) from the endpoint", tunnel.frame(tunnel.packet(inner, from: RealServerScene.endpoint(tunnel.outer))),
          .unknownDirector),
        RefusedFrame(
          "\(name) to an address not served",
          tunnel.frame(tunnel.packet(ClientPacket.tcp.bytes(tunnel.inner, to: other))), .unknownVirtualAddress),
        RefusedFrame(
          "\(name) to the endpoint",
          tunnel.frame(
            tunnel.packet(ClientPacket.udp.bytes(tunnel.inner, to: RealServerScene.endpoint(tunnel.inner)))),
          .unknownVirtualAddress),
        RefusedFrame(
          "\(name) with an inner packet cut short", tunnel.frame(tunnel.packet(inner.dropLast())), .malformedInner),
        RefusedFrame(
          "\(name) with half an inner header", tunnel.frame(tunnel.packet(Array(inner.prefix(19)))), .malformedInner),
        RefusedFrame(
          "\(name) of congestion, for a transport that knows no marks",
          tunnel.frame(tunnel.packet(inner, trafficClass: 3)), .congestionMark),
      ]
    } + [
      RefusedFrame("a first fragment of a tunnel's packet", carrying(4, inner, fragment: 0x2000), .fragment),
      RefusedFrame("a later fragment of a tunnel's packet", carrying(47, inner, fragment: 5), .fragment),
      RefusedFrame(
        "a first fragment of UDP", fou.frame(fou.packet(inner)).replacing(20, with: 0x20), .fragment),
      RefusedFrame("a first fragment in IPv6", ipv6Fragment(offset: 0, more: true), .fragment),
      RefusedFrame("a later fragment in IPv6", ipv6Fragment(offset: 8, more: false), .fragment),
      RefusedFrame("GRE with a checksum", gre([0x80, 0, 8, 0, 0, 0, 0, 0]), .unsupportedGRE),
      RefusedFrame("GRE with a sequence number", gre([0x10, 0, 8, 0, 0, 0, 0, 1]), .unsupportedGRE),
      RefusedFrame("GRE of another version", gre([0, 1, 8, 0]), .unsupportedGRE),
      RefusedFrame("GRE that carries Ethernet", gre([0, 0, 0x65, 0x58]), .unsupportedGRE),
      RefusedFrame("half a GRE header", carrying(47, [0, 0, 8]), .unsupportedGRE),
      RefusedFrame("half a GRE key", carrying(47, [0x20, 0, 8, 0, 0, 0]), .unsupportedGRE),
      RefusedFrame("GUE with options", udp([1, 4, 0, 0, 0, 0, 0, 0] + inner), .unsupportedGUE),
      RefusedFrame("GUE with flags", udp([0, 4, 0x80, 0] + inner), .unsupportedGUE),
      RefusedFrame("a control message of GUE", udp([0x20, 4, 0, 0] + inner), .unsupportedGUE),
      RefusedFrame("GUE of variant 2", udp([0x80, 4, 0, 0] + inner), .unsupportedGUE),
      RefusedFrame("GUE that carries TCP", udp([0, 6, 0, 0] + inner), .unsupportedGUE),
      RefusedFrame("half a GUE header", udp([0, 4]), .unsupportedGUE),
      RefusedFrame("UDP of variant 1 with version 5", udp([0x50] + inner), .unsupportedGUE),
      RefusedFrame("UDP with nothing in it", udp([]), .malformedInner),
      RefusedFrame("UDP longer than its packet", udp(inner, length: 49), .malformedInner),
      RefusedFrame("UDP shorter than what is in it", udp(inner, length: 47), .malformedInner),
      RefusedFrame("IPIP with nothing in it", carrying(4, []), .malformedInner),
      RefusedFrame("IPIP that is all padding", carrying(4, inner, totalLength: 20), .malformedInner),
      RefusedFrame("an inner packet that reaches into padding", carrying(4, inner, totalLength: 59), .malformedInner),
      RefusedFrame("GRE that is all padding", carrying(47, [0, 0, 8, 0] + inner, totalLength: 20), .malformedInner),
      RefusedFrame("IPv4 announced as IPv6", carrying(41, inner), .malformedInner),
      RefusedFrame("IPv4 announced as IPv6 by GRE", gre([0, 0, 0x86, 0xDD]), .malformedInner),
      RefusedFrame("IPv4 announced as IPv6 by GUE", udp([0, 41, 0, 0] + inner), .malformedInner),
      RefusedFrame(
        "an inner header length that cannot be", carrying(4, inner.replacing(0, with: 0x44)), .malformedInner),
      RefusedFrame(
        "the virtual IPv4 address in an IPv6 header",
        carrying(
          41, PacketBuilder().ipv6(from: "2001:db8:c::7", to: "::ffff:203.0.113.80").tcp(from: 1, to: 80).bytes),
        .malformedInner),
    ]

  static let keyed: [RefusedFrame] = [
    RefusedFrame("GRE without a key", gre.frame(gre.packet(inner)), .wrongKey),
    RefusedFrame("GRE with another key", gre([0x20, 0, 8, 0, 0, 0, 0, 6]), .wrongKey),
  ]

  private func expect(_ item: RefusedFrame, at realServer: TestDecapsulationEnvironment) {
    var environment = realServer
    environment.receive(item.frame)
    let verdict = decapsulate(&environment)
    #expect(verdict == item.verdict)
    #expect(environment.frame == item.frame)
    #expect(environment.verdicts == [item.verdict: 1])
  }

  @Test(arguments: passed + dropped)
  func `A packet that is not decapsulated stays as it is`(_ item: RefusedFrame) {
    expect(item, at: RealServerScene.environment())
  }

  @Test(arguments: keyed)
  func `Where a key is asked for, GRE has to carry it`(_ item: RefusedFrame) {
    expect(item, at: RealServerScene.environment(key: 7))
  }

  @Test(arguments: [Self.fou, Self.gue])
  func `Without a port UDP is ordinary traffic`(tunnel: TestTunnel) {
    for port: UInt16 in [0, 6080] {
      expect(
        RefusedFrame("", tunnel.frame(tunnel.packet(Self.inner, port: port)), .notEncapsulated),
        at: RealServerScene.environment(port: 0))
    }
  }

  @Test func `Nobody is listened to before there are settings`() {
    expect(
      RefusedFrame("", Self.ipip.frame(Self.ipip.packet(Self.inner)), .notEndpoint), at: TestDecapsulationEnvironment())
  }

  @Test func `Every verdict has a case here`() {
    let verdicts = Set((Self.passed + Self.dropped + Self.keyed).map(\.verdict))
    #expect(verdicts.union([.decapsulated]) == Set(DecapsulationVerdict.allCases))
  }

  @Test func `What is no tunnel's packet for this host passes, what is and is not welcome is dropped`() {
    #expect(Self.passed.allSatisfy { !$0.verdict.isDrop })
    #expect((Self.dropped + Self.keyed).allSatisfy { $0.verdict.isDrop })
    #expect(!DecapsulationVerdict.decapsulated.isDrop)
  }
}
