// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// A frame, what surrounds it, and what becomes of it.
struct ForwardingCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let frame: [UInt8]
  var environment: @Sendable () -> TestEnvironment = { Scene.environment() }
  var headroom = 64
  let verdict: Verdict
  /// Which service it is counted for; 0 is none.
  var service: UInt32 = 0

  init(
    _ description: String, _ frame: [UInt8], _ verdict: Verdict, service: UInt32 = 0, headroom: Int = 64,
    in environment: @escaping @Sendable () -> TestEnvironment = { Scene.environment() }
  ) {
    self.testDescription = description
    self.frame = frame
    self.verdict = verdict
    self.service = service
    self.headroom = headroom
    self.environment = environment
  }
}

@Suite struct VerdictTests {
  private static let ethernet = PacketBuilder().ethernet()
  private static let ip = ethernet.ipv4(from: Scene.client, to: Scene.virtualAddress)
  private static let ip6 = Scene.packet(.v6)

  static let passed: [ForwardingCase] = [
    ForwardingCase("an empty frame", [], .truncatedFrame),
    ForwardingCase("half an Ethernet header", Array(Scene.tcp().prefix(13)), .truncatedFrame),
    ForwardingCase("half a VLAN tag", Array(ethernet.vlan(id: 5).bytes.prefix(17)), .truncatedFrame),
    ForwardingCase("an ARP packet", ethernet.ethernetType(0x0806), .notIP),
    ForwardingCase("a third VLAN tag", Scene.packet(tags: [1, 2, 3]).tcp(from: 1, to: 80).bytes, .notIP),
    ForwardingCase("an IPv4 packet that claims to be IPv6", ethernet.ethernetType(0x86DD), .malformedIP),
    ForwardingCase("half an IP header", Array(Scene.tcp().prefix(33)), .malformedIP),
    ForwardingCase("half an IPv6 header", Array(ip6.bytes.prefix(53)), .malformedIP),
    ForwardingCase("another version of IP", Scene.tcp().replacing(14, with: 0x65), .malformedIP),
    ForwardingCase("an impossible header length", Scene.tcp().replacing(14, with: 0x44), .malformedIP),
    ForwardingCase("options that reach beyond the packet", Scene.tcp().replacing(14, with: 0x4F), .malformedIP),
    ForwardingCase("less than the total length says", Array(Scene.tcp().dropLast()), .malformedIP),
    ForwardingCase(
      "less than the payload length says", Array(ip6.tcp(from: 1, to: 80).bytes.dropLast()), .malformedIP),
    ForwardingCase(
      "an extension header that reaches beyond the packet", ip6.hopByHop(nextHeader: 6, length: 9).bytes, .malformedIP),
    ForwardingCase(
      "more extension headers than anybody sends",
      (0..<20).reduce(ip6) { builder, _ in builder.destinationOptions() }.tcp(from: 1, to: 80).bytes, .malformedIP),
    ForwardingCase(
      "a total length without ports", ip.raw([0x9C, 0x40, 0]).bytes.replacing(23, with: 6), .malformedIP),
    ForwardingCase("no transport header", ip.bytes.replacing(23, with: 17), .malformedIP),
    ForwardingCase("half an ICMP header", ip.raw([8, 0, 0, 0, 0, 0, 0]).bytes.replacing(23, with: 1), .malformedIP),
    ForwardingCase(
      "padding where ports should be", ip.bytes.replacing(23, with: 6) + Scene.tcp().suffix(20), .malformedIP),
    ForwardingCase("a tunnelled packet", Scene.tcp().replacing(23, with: 4), .unconfiguredPort),
    ForwardingCase("another port", Scene.tcp(to: 81), .unconfiguredPort),
    ForwardingCase("another port over IPv6", ip6.tcp(from: 1, to: 81).bytes, .unconfiguredPort),
    ForwardingCase("the port of the service under the other protocol", Scene.tcp(to: 53), .unconfiguredPort),
    ForwardingCase("a short segment for no service", truncatedTCP(to: 81), .unconfiguredPort),
    ForwardingCase(
      "a later fragment for no service", Scene.tcp(fragment: 1).replacing(23, with: 132), .unconfiguredPort),
    ForwardingCase("another address", Scene.tcp().replacing(33, with: 81), .noService),
    ForwardingCase(
      "another address over IPv6", ip6.tcp(from: 1, to: 80).bytes.replacing(53, with: 0x81), .noService),
    ForwardingCase("an ICMP message to another address", ping(.v4).replacing(33, with: 81), .unbalancedICMP),
    ForwardingCase(
      "an echo reply", ip.icmp(type: 0, payload: [1, 2, 3]).bytes, .unbalancedICMP),
    ForwardingCase("a neighbour solicitation", ip6.icmpv6(type: 135, payload: [1, 2, 3]).bytes, .unbalancedICMP),
    ForwardingCase("a ping that nobody is to answer", ping(.v4), .unbalancedICMP) {
      refusing(.pass, answersEcho: false)
    },
    ForwardingCase("a piece of a ping", Scene.tcp(fragment: 0x2000).replacing(23, with: 1), .unbalancedICMP),
  ]

  static let dropped: [ForwardingCase] = [
    ForwardingCase(
      "ports and no more of TCP", ip.raw([0x9C, 0x40, 0, 80]).bytes.replacing(23, with: 6), .truncatedTransport,
      service: 1),
    ForwardingCase("19 bytes of TCP", truncatedTCP(to: 80), .truncatedTransport, service: 1),
    ForwardingCase(
      "a TCP header that reaches into padding", truncatedTCP(to: 80) + [0, 0], .truncatedTransport, service: 1),
    ForwardingCase(
      "7 bytes of UDP", ip.raw([0x9C, 0x40, 0, 53, 0, 7, 0]).bytes.replacing(23, with: 17), .truncatedTransport,
      service: 2),
    ForwardingCase(
      "a service's address as the source", Scene.tcp().replacing(26..<30, with: "203.0.113.80"),
      .spoofedSource, service: 1),
    ForwardingCase("a later fragment of services whose servers differ", Scene.tcp(fragment: 1), .unmatchedFragment) {
      differing(.drop)
    },
    ForwardingCase(
      "a later fragment for no service that is dropped", Scene.tcp(fragment: 1).replacing(23, with: 132),
      .unmatchedFragment
    ) { refusing(.drop) },
    ForwardingCase("a slot without owner", Scene.tcp(), .noServer, service: 1) { Scene.environment(owner: .nobody) },
    ForwardingCase("a slot whose owner is down", Scene.tcp(), .noServer, service: 1) {
      Scene.environment(owner: Scene.down)
    },
    ForwardingCase("a slot whose owner has no row", Scene.tcp(), .noServer, service: 1) {
      Scene.environment(owner: DestinationIndex(rawValue: 99))
    },
    ForwardingCase("a service without slots", Scene.tcp(), .noServer, service: 1) {
      let environment = Scene.environment()
      environment.commonSlots = [:]
      return environment
    },
    ForwardingCase(
      "a fragment, where nobody serves and that is refused", Scene.tcp(fragment: 0x2000), .noServer, service: 1
    ) {
      Scene.refusingUnserved()
    },
    ForwardingCase(
      "a later fragment, where nobody serves and that is refused", Scene.tcp(fragment: 1), .noServer, service: 1
    ) {
      Scene.refusingUnserved()
    },
    ForwardingCase("an error, where nobody serves and that is refused", aboutTCP, .noServer, service: 1) {
      Scene.refusingUnserved()
    },
    ForwardingCase("a reset, where nobody serves and that is refused", Scene.tcp(.reset), .closedPort, service: 1) {
      Scene.refusingUnserved()
    },
    ForwardingCase("a refusal too many", Scene.tcp(), .unanswered, service: 1) {
      let environment = Scene.refusingUnserved()
      environment.commonSettings.value = Settings(prefixLengths: [128], flowLimit: 1_000, replyLimit: 0)
      return environment
    },
    ForwardingCase("a server whose next hop is not known", Scene.tcp(), .unreachable, service: 1) {
      Scene.environment(owner: Scene.unreachable)
    },
    ForwardingCase(
      "a byte too many for the way there", Scene.tcp(payload: Array(repeating: 0, count: 1441)), .exceedsMTU, service: 1
    ),
    ForwardingCase("a byte of headroom too few", Scene.tcp(), .noHeadroom, service: 1, headroom: 19),
    ForwardingCase("another port", Scene.tcp(to: 81), .closedPort) { refusing(.drop) },
    ForwardingCase("a reset to another port", Scene.tcp(.reset, to: 81), .closedPort) { refusing(.reset) },
    ForwardingCase("another protocol", Scene.tcp().replacing(23, with: 50), .closedPort) { refusing(.reset) },
    ForwardingCase("a first fragment for another port", Scene.tcp(to: 81, fragment: 0x2000), .closedPort) {
      refusing(.reset)
    },
    ForwardingCase("19 bytes of TCP for another port", truncatedTCP(to: 81), .truncatedTransport) { refusing(.reset) },
    ForwardingCase("an answer too many", ping(.v4), .unanswered) { refusing(.pass, replyLimit: 0) },
    ForwardingCase("a reset too many", Scene.tcp(to: 81), .unanswered) { refusing(.reset, replyLimit: 0) },
  ]

  static let sent: [ForwardingCase] = [
    ForwardingCase("a segment", Scene.tcp(), .sent),
    ForwardingCase("a segment over IPv6", ip6.tcp(from: 1, to: 80).bytes, .sent),
    ForwardingCase("a datagram", Scene.udp(), .sent),
    ForwardingCase("a datagram of 8 bytes", Scene.udp(payload: []), .sent),
    ForwardingCase("a segment that may not be divided", Scene.tcp(fragment: 0x4000), .sent),
    ForwardingCase("the reserved flag, which is no fragment's", Scene.tcp(fragment: 0x8000), .sent),
    ForwardingCase("a first fragment", Scene.tcp(fragment: 0x2000), .sent),
    ForwardingCase("a last fragment", Scene.tcp(fragment: 0x0001), .sent),
    ForwardingCase("the longest options", Scene.tcp(options: Array(repeating: 1, count: 40)), .sent),
    ForwardingCase(
      "extension headers", ip6.hopByHop().routing().destinationOptions().tcp(from: 1, to: 80).bytes, .sent),
    ForwardingCase("padding", Scene.tcp() + [0, 0, 0, 0, 0, 0], .sent),
    ForwardingCase("a TTL of 0", Scene.tcp().replacing(22, with: 0), .sent),
    ForwardingCase("a wrong header checksum", Scene.tcp().replacing(24, with: 0), .sent),
    ForwardingCase("as much as the way there carries", Scene.tcp(payload: Array(repeating: 0, count: 1440)), .sent),
    ForwardingCase("just enough headroom", Scene.tcp(), .sent, headroom: 20),
  ]

  static let answered: [ForwardingCase] = [
    ForwardingCase("a ping", ping(.v4), .echoReply),
    ForwardingCase("a ping over IPv6", ping(.v6), .echoReply),
    ForwardingCase("a segment to another port", Scene.tcp(to: 81), .portReset) { refusing(.reset) },
    ForwardingCase("a segment to another port over IPv6", ip6.tcp(from: 1, to: 81).bytes, .portReset) {
      refusing(.reset)
    },
    ForwardingCase("a datagram to another port", ip.udp(from: 1, to: 54).bytes, .portUnreachable) { refusing(.reset) },
    ForwardingCase("a datagram to another port over IPv6", ip6.udp(from: 1, to: 54).bytes, .portUnreachable) {
      refusing(.reset)
    },
    ForwardingCase("an opening, where nobody serves", Scene.tcp(.synchronize), .portReset, service: 1) {
      Scene.refusingUnserved()
    },
    ForwardingCase("a segment over IPv6, whose owner is down", ip6.tcp(from: 1, to: 80).bytes, .portReset, service: 3) {
      Scene.refusingUnserved(owner: Scene.down)
    },
    ForwardingCase("a datagram, where nobody serves", Scene.udp(), .portUnreachable, service: 2) {
      Scene.refusingUnserved()
    },
    ForwardingCase(
      "a datagram over IPv6, where nobody serves", ip6.udp(from: 1, to: 53).bytes, .portUnreachable, service: 4
    ) { Scene.refusingUnserved() },
    ForwardingCase(
      "a byte too many that may not be divided",
      Scene.packet().tcp(from: 1, to: 80, payload: Array(repeating: 0, count: 1441)).bytes, .packetTooBig, service: 1),
    ForwardingCase(
      "a byte too many over IPv6", ip6.tcp(from: 1, to: 80, payload: Array(repeating: 0, count: 1421)).bytes,
      .packetTooBig, service: 3),
  ]

  private static func truncatedTCP(to port: UInt8) -> [UInt8] {
    ip.raw([0x9C, 0x40, 0, port] + Array(repeating: 0, count: 15)).bytes.replacing(23, with: 6)
  }

  /// An ICMP error about what the service sent.
  private static var aboutTCP: [UInt8] {
    ip.icmp(
      type: 3, code: 1,
      payload: PacketBuilder().ipv4(from: Scene.virtualAddress, to: Scene.client).tcp(from: 80, to: 40_000).bytes
    ).bytes
  }

  private static func ping(_ version: IPVersion) -> [UInt8] {
    version == .v4 ? ip.icmp(type: 8, rest: 7).bytes : ip6.icmpv6(type: 128, rest: 7).bytes
  }

  /// The scene, with a policy for both virtual addresses.
  private static func refusing(
    _ policy: UnconfiguredPortPolicy, answersEcho: Bool = true, replyLimit: UInt32 = 1_000
  ) -> TestEnvironment {
    let environment = Scene.environment()
    for entry in environment.virtualAddresses.values {
      entry.value = VirtualAddressEntry(
        number: entry.value.number, unconfiguredPorts: policy, answersEcho: answersEcho)
    }
    environment.commonSettings.value = Settings(prefixLengths: [128], flowLimit: 1_000, replyLimit: replyLimit)
    return environment
  }

  /// The scene, in which no service takes packets without ports.
  private static func differing(_ policy: UnconfiguredPortPolicy) -> TestEnvironment {
    let environment = refusing(policy)
    environment.portTables = environment.portTables.mapValues { _ in Cell(PortTable(portless: .none, ranges: [])) }
    return environment
  }

  @Test(arguments: passed + dropped)
  func `A packet that is not sent stays as it is and is counted under its verdict`(_ item: ForwardingCase) {
    let environment = item.environment()
    #expect(decide(item.frame, in: environment, headroom: item.headroom) == Decision(item.verdict))
    #expect(environment.frame == item.frame)
    #expect(environment.verdicts == [VerdictRow(verdict: item.verdict, service: item.service): 1])
    #expect(environment.traffic.isEmpty)
  }

  @Test(arguments: sent)
  func `A packet that is sent is counted for its destination only`(_ item: ForwardingCase) {
    let environment = item.environment()
    let decision = decide(item.frame, in: environment, headroom: item.headroom)
    #expect(decision == Decision(.sent, interface: Scene.egressInterface))
    #expect(environment.verdicts.isEmpty)
    #expect(environment.traffic.keys.map(\.rawValue) == [Scene.ipip.rawValue])
    #expect(environment.frame.count == item.frame.count + 20)
  }

  @Test(arguments: answered)
  func `A packet that is answered is counted under its verdict only`(_ item: ForwardingCase) {
    let environment = item.environment()
    #expect(decide(item.frame, in: environment, headroom: item.headroom) == Decision(item.verdict))
    #expect(environment.frame[..<6] == item.frame[6..<12] && environment.frame[6..<12] == item.frame[..<6])
    #expect(environment.verdicts == [VerdictRow(verdict: item.verdict, service: item.service): 1])
    #expect(environment.traffic.isEmpty)
  }

  @Test func `Every verdict has a case here`() {
    let all = Self.passed + Self.dropped + Self.sent + Self.answered
    #expect(Set(all.map(\.verdict)) == Set(Verdict.allCases))
  }

  @Test func `A verdict says what the network does`() {
    #expect(Self.passed.allSatisfy { $0.verdict.action == .pass })
    #expect(Self.dropped.allSatisfy { $0.verdict.action == .drop })
    #expect(Self.answered.allSatisfy { $0.verdict.action == .reply })
    #expect(Verdict.sent.action == .transmit)
  }

  @Test func `Verdicts are numbered without gaps and fit a row of counters`() {
    #expect(Verdict.allCases.map(\.rawValue) == Array(0..<UInt8(Verdict.allCases.count)))
    #expect(Verdict.allCases.count <= Capacity.verdicts)
    #expect(DecapsulationVerdict.allCases.map(\.rawValue) == Array(0..<UInt8(DecapsulationVerdict.allCases.count)))
  }

  @Test(arguments: 0..<54)
  func `However short a segment is cut, it is not sent`(count: Int) {
    let environment = Scene.environment()
    let verdict = decide(Array(Scene.tcp().prefix(count)), in: environment).verdict
    #expect(verdict == (count < 14 ? .truncatedFrame : .malformedIP))
  }

  @Test(arguments: 0..<74)
  func `However short a segment over IPv6 is cut, it is not sent`(count: Int) {
    let environment = Scene.environment()
    let frame = Self.ip6.tcp(from: 40_000, to: 80).bytes
    let verdict = decide(Array(frame.prefix(count)), in: environment).verdict
    #expect(verdict == (count < 14 ? .truncatedFrame : .malformedIP))
  }
}

extension [UInt8] {
  /// These bytes with another one at `index`.
  func replacing(_ index: Int, with byte: UInt8) -> [UInt8] {
    var bytes = self
    bytes[index] = byte
    return bytes
  }

  /// These bytes with an IPv4 address at `place`.
  func replacing(_ place: Range<Int>, with address: IPv4Address) -> [UInt8] {
    var bytes = self
    bytes.replaceSubrange(place, with: address.bits.octets)
    return bytes
  }
}

extension PacketBuilder {
  /// A packet of the scene's under another EtherType.
  fileprivate func ethernetType(_ type: UInt16) -> [UInt8] {
    PacketBuilder().ethernet(type: type).ipv4(from: Scene.client, to: Scene.virtualAddress).tcp(from: 40_000, to: 80)
      .bytes
  }
}
