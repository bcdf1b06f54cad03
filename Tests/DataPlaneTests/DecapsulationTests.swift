// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// A frame that arrives on a real server, and what becomes of it.
struct DecapsulationCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let frame: [UInt8]
  let verdict: DecapsulationVerdict

  init(_ description: String, _ frame: [UInt8], _ verdict: DecapsulationVerdict) {
    self.testDescription = description
    self.frame = frame
    self.verdict = verdict
  }
}

@Suite struct DecapsulationTests {
  private static let director: IPv4Address = "192.0.2.10"
  private static let endpoint: IPv4Address = "10.1.0.11"

  /// 10.1.0.11 listens to 192.0.2.10 and holds 203.0.113.80.
  static func environment() -> TestDecapsulationEnvironment {
    let environment = TestDecapsulationEnvironment()
    environment.roles = [
      IPv6Address(mapping: endpoint): .endpoint, IPv6Address(mapping: director): .director,
      IPv6Address(mapping: Scene.virtualAddress): .virtualAddress,
    ]
    return environment
  }

  private static func outer(
    from source: IPv4Address = director, to destination: IPv4Address = endpoint, fragment: UInt16 = 0x4000,
    options: [UInt8] = [], protocolNumber: UInt8? = nil, totalLength: UInt16? = nil
  ) -> PacketBuilder {
    PacketBuilder().ethernet()
      .ipv4(
        from: source, to: destination, fragment: fragment, options: options, protocolNumber: protocolNumber,
        totalLength: totalLength)
  }

  private static func ipip(_ inner: [UInt8] = inner(), totalLength: UInt16? = nil) -> [UInt8] {
    outer(protocolNumber: 4, totalLength: totalLength).raw(inner).bytes
  }

  private static func gre(flags: UInt16 = 0, type: UInt16 = 0x0800, _ inner: [UInt8] = inner()) -> [UInt8] {
    outer().gre(flags: flags, type: type).raw(inner).bytes
  }

  /// The client's IP packet, 40 bytes.
  private static func inner(to destination: IPv4Address = Scene.virtualAddress) -> [UInt8] {
    PacketBuilder().ipv4(from: Scene.client, to: destination).tcp(from: 40_000, to: 80).bytes
  }

  static let passed: [DecapsulationCase] = [
    DecapsulationCase("an empty frame", [], .truncatedFrame),
    DecapsulationCase("half an Ethernet header", Array(ipip().prefix(13)), .truncatedFrame),
    DecapsulationCase("an ARP packet", ipip().replacing(13, with: 6), .notIPv4),
    DecapsulationCase("half an IP header", Array(ipip().prefix(33)), .malformedIPv4),
    DecapsulationCase("another version of IP", ipip().replacing(14, with: 0x65), .malformedIPv4),
    DecapsulationCase("a total length beyond the frame", Array(ipip().dropLast()), .malformedIPv4),
    DecapsulationCase("a client's packet outside a tunnel", Scene.tcp(), .notEncapsulated),
    DecapsulationCase(
      "a packet for the endpoint outside a tunnel", outer().udp(from: 1, to: 2).bytes, .notEncapsulated),
    DecapsulationCase("IPv6 in IPv4", ipip().replacing(23, with: 41), .notEncapsulated),
    DecapsulationCase(
      "a tunnel to somebody else", outer(to: "10.1.0.12").raw(inner()).bytes.replacing(23, with: 4), .notEndpoint),
    DecapsulationCase("a tunnel to a director's address", outer(to: director).gre().raw(inner()).bytes, .notEndpoint),
    DecapsulationCase(
      "a tunnel to the virtual address", outer(to: Scene.virtualAddress).gre().raw(inner()).bytes, .notEndpoint),
    DecapsulationCase(
      "a stranger's tunnel to somebody else", outer(from: "192.0.2.66", to: "10.1.0.12").gre().raw(inner()).bytes,
      .notEndpoint),
  ]

  static let dropped: [DecapsulationCase] = [
    DecapsulationCase(
      "IPIP from a stranger", outer(from: "192.0.2.66", protocolNumber: 4).raw(inner()).bytes, .unknownDirector),
    DecapsulationCase("GRE from a stranger", outer(from: "192.0.2.66").gre().raw(inner()).bytes, .unknownDirector),
    DecapsulationCase(
      "IPIP from the endpoint itself", outer(from: endpoint, protocolNumber: 4).raw(inner()).bytes, .unknownDirector),
    DecapsulationCase(
      "a first fragment of a tunnel's packet", outer(fragment: 0x2000, protocolNumber: 4).raw(inner()).bytes, .fragment),
    DecapsulationCase(
      "a later fragment of a tunnel's packet", outer(fragment: 5, protocolNumber: 47).raw(inner()).bytes, .fragment),
    DecapsulationCase("GRE with a key", gre(flags: 0x2000, [0, 0, 0, 7] + inner()), .unsupportedGRE),
    DecapsulationCase("GRE with a checksum", gre(flags: 0x8000, [0, 0, 0, 0] + inner()), .unsupportedGRE),
    DecapsulationCase("GRE with a sequence number", gre(flags: 0x1000, [0, 0, 0, 1] + inner()), .unsupportedGRE),
    DecapsulationCase("GRE of another version", gre(flags: 1), .unsupportedGRE),
    DecapsulationCase("GRE that carries IPv6", gre(type: 0x86DD), .unsupportedGRE),
    DecapsulationCase("GRE that carries Ethernet", gre(type: 0x6558), .unsupportedGRE),
    DecapsulationCase("half a GRE header", outer(protocolNumber: 47).raw([0, 0, 8]).bytes, .unsupportedGRE),
    DecapsulationCase("IPIP with nothing in it", ipip([]), .malformedInner),
    DecapsulationCase("GRE with nothing in it", gre([]), .malformedInner),
    DecapsulationCase("half an inner header", ipip(Array(inner().prefix(19))), .malformedInner),
    DecapsulationCase("an inner packet cut short", ipip(Array(inner().dropLast())), .malformedInner),
    DecapsulationCase("an inner packet of another version", ipip(inner().replacing(0, with: 0x65)), .malformedInner),
    DecapsulationCase("an inner header length that cannot be", ipip(inner().replacing(0, with: 0x44)), .malformedInner),
    DecapsulationCase("an inner packet that reaches into padding", ipip(totalLength: 59), .malformedInner),
    DecapsulationCase("an inner packet that is all padding", ipip(totalLength: 20), .malformedInner),
    DecapsulationCase(
      "GRE that is all padding", outer(protocolNumber: 47, totalLength: 20).raw([0, 0, 8, 0] + inner()).bytes,
      .malformedInner),
    DecapsulationCase("IPIP to an address not served", ipip(inner(to: "203.0.113.81")), .unknownVirtualAddress),
    DecapsulationCase("GRE to an address not served", gre(inner(to: "203.0.113.81")), .unknownVirtualAddress),
    DecapsulationCase("IPIP to the endpoint", ipip(inner(to: endpoint)), .unknownVirtualAddress),
  ]

  static let decapsulated: [DecapsulationCase] = [
    DecapsulationCase("IPIP", ipip(), .decapsulated),
    DecapsulationCase("GRE", gre(), .decapsulated),
    DecapsulationCase(
      "IPIP with outer options", outer(options: [1, 1, 1, 1, 1], protocolNumber: 4).raw(inner()).bytes, .decapsulated),
    DecapsulationCase(
      "GRE with the longest outer options", outer(options: Array(repeating: 1, count: 40)).gre().raw(inner()).bytes,
      .decapsulated),
    DecapsulationCase(
      "IPIP that routers may divide", outer(fragment: 0, protocolNumber: 4).raw(inner()).bytes, .decapsulated),
  ]

  @Test(arguments: passed + dropped)
  func `A packet that is not decapsulated stays as it is`(_ item: DecapsulationCase) {
    var environment = Self.environment()
    environment.receive(item.frame)
    #expect(decapsulate(&environment) == item.verdict)
    #expect(environment.frame == item.frame)
    #expect(environment.verdicts == [item.verdict: 1])
  }

  @Test(arguments: decapsulated)
  func `What is left is the client's packet under the link's header`(_ item: DecapsulationCase) {
    var environment = Self.environment()
    environment.receive(item.frame)
    #expect(decapsulate(&environment) == .decapsulated)
    #expect(environment.frame == item.frame.prefix(14) + Self.inner())
    #expect(environment.verdicts == [.decapsulated: 1])
  }

  @Test func `Every verdict has a case here`() {
    let cases = Self.passed + Self.dropped + Self.decapsulated
    #expect(Set(cases.map(\.verdict)) == Set(DecapsulationVerdict.allCases))
  }

  @Test func `What is no tunnel's packet for this host passes, what is and is not welcome is dropped`() {
    #expect(Self.passed.allSatisfy { !$0.verdict.isDrop })
    #expect(Self.dropped.allSatisfy { $0.verdict.isDrop })
    #expect(!DecapsulationVerdict.decapsulated.isDrop)
  }

  @Test func `Padding of the link stays behind the packet`() {
    var environment = Self.environment()
    environment.receive(Self.ipip() + [1, 2, 3])
    #expect(decapsulate(&environment) == .decapsulated)
    #expect(environment.frame.suffix(3) == [1, 2, 3])
  }

  @Test func `A head that does not shrink leaves the packet as it is`() {
    var environment = Self.environment()
    environment.shrinks = false
    environment.receive(Self.ipip())
    #expect(decapsulate(&environment) == .malformedInner)
    #expect(environment.frame == Self.ipip())
  }

  @Test func `An address plays several parts`() {
    var environment = Self.environment()
    environment.roles = [IPv6Address(mapping: Self.endpoint): [.endpoint, .director, .virtualAddress]]
    environment.receive(Self.outer(from: Self.endpoint).gre().raw(Self.inner(to: Self.endpoint)).bytes)
    #expect(decapsulate(&environment) == .decapsulated)
  }
}

@Suite struct TunnelPropertyTests {
  @Test(arguments: [Scene.ipip, Scene.gre])
  func `What a director forwards comes out of the tunnel as the client sent it`(owner: DestinationIndex) {
    let seed = SplitMix64.freshSeed()
    var generator = PacketGenerator(
      seed: seed, services: [(Scene.virtualAddress, 80, .tcp), (Scene.virtualAddress, 53, .udp)])
    let director = Scene.environment(owner: owner)
    var realServer = DecapsulationTests.environment()
    var sent = 0
    for _ in 0..<20_000 {
      let frame = generator.next()
      guard decide(frame, in: director).verdict == .sent else {
        #expect(director.frame == frame, "seed \(seed)")
        continue
      }
      sent += 1
      realServer.receive(director.frame)
      #expect(decapsulate(&realServer) == .decapsulated, "seed \(seed)")
      #expect(realServer.frame.dropFirst(14) == frame.dropFirst(14), "seed \(seed)")
    }
    #expect(sent > 5_000, "seed \(seed)")
  }

  @Test func `No frame whatever leads out of its bounds, and every one is counted once`() {
    let seed = SplitMix64.freshSeed()
    print("TunnelPropertyTests: seed \(seed)")
    var generator = PacketGenerator(seed: seed, services: [("10.1.0.11", 80, TransportProtocol(rawValue: 4))])
    var realServer = DecapsulationTests.environment()
    for _ in 0..<20_000 {
      realServer.receive(generator.next())
      _ = decapsulate(&realServer)
    }
    #expect(realServer.verdicts.values.reduce(0, +) == 20_000)
  }
}
