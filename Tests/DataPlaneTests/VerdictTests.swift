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

  static let passed: [ForwardingCase] = [
    ForwardingCase("an empty frame", [], .truncatedFrame),
    ForwardingCase("half an Ethernet header", Array(Scene.tcp().prefix(13)), .truncatedFrame),
    ForwardingCase("an IPv6 packet", ethernet.ethernetType(0x86DD), .notIPv4),
    ForwardingCase("an ARP packet", ethernet.ethernetType(0x0806), .notIPv4),
    ForwardingCase("a VLAN tag", ethernet.ethernetType(0x8100), .notIPv4),
    ForwardingCase("half an IP header", Array(Scene.tcp().prefix(33)), .malformedIPv4),
    ForwardingCase("another version of IP", Scene.tcp().replacing(14, with: 0x65), .malformedIPv4),
    ForwardingCase("an impossible header length", Scene.tcp().replacing(14, with: 0x44), .malformedIPv4),
    ForwardingCase("options that reach beyond the packet", Scene.tcp().replacing(14, with: 0x4F), .malformedIPv4),
    ForwardingCase("less than the total length says", Array(Scene.tcp().dropLast()), .malformedIPv4),
    ForwardingCase(
      "a total length without ports", ip.raw([0x9C, 0x40, 0]).bytes.replacing(23, with: 6), .malformedIPv4),
    ForwardingCase("no transport header", ip.bytes.replacing(23, with: 17), .malformedIPv4),
    ForwardingCase(
      "padding where ports should be", ip.bytes.replacing(23, with: 6) + Scene.tcp().suffix(20), .malformedIPv4),
    ForwardingCase("a first fragment", Scene.tcp(fragment: 0x2000), .fragment),
    ForwardingCase("a last fragment", Scene.tcp(fragment: 0x0001), .fragment),
    ForwardingCase("an ICMP message", Scene.tcp().replacing(23, with: 1), .unbalancedProtocol),
    ForwardingCase("a tunnelled packet", Scene.tcp().replacing(23, with: 4), .unbalancedProtocol),
    ForwardingCase("another port", Scene.tcp(to: 81), .noService),
    ForwardingCase("another address", Scene.tcp().replacing(33, with: 81), .noService),
    ForwardingCase("the port of the service under the other protocol", Scene.tcp(to: 53), .noService),
    ForwardingCase("a short segment for nobody", truncatedTCP(to: 81), .noService),
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
    ForwardingCase("a server whose next hop is not known", Scene.tcp(), .unreachable, service: 1) {
      Scene.environment(owner: Scene.unreachable)
    },
    ForwardingCase(
      "a byte too many for the way there", Scene.tcp(payload: Array(repeating: 0, count: 1441)), .exceedsMTU, service: 1
    ),
    ForwardingCase("a byte of headroom too few", Scene.tcp(), .noHeadroom, service: 1, headroom: 19),
  ]

  static let sent: [ForwardingCase] = [
    ForwardingCase("a segment", Scene.tcp(), .sent),
    ForwardingCase("a datagram", Scene.udp(), .sent),
    ForwardingCase("a datagram of 8 bytes", Scene.udp(payload: []), .sent),
    ForwardingCase("a segment that may not be divided", Scene.tcp(fragment: 0x4000), .sent),
    ForwardingCase("the reserved flag, which is no fragment's", Scene.tcp(fragment: 0x8000), .sent),
    ForwardingCase("the longest options", Scene.tcp(options: Array(repeating: 1, count: 40)), .sent),
    ForwardingCase("padding", Scene.tcp() + [0, 0, 0, 0, 0, 0], .sent),
    ForwardingCase("a TTL of 0", Scene.tcp().replacing(22, with: 0), .sent),
    ForwardingCase("a wrong header checksum", Scene.tcp().replacing(24, with: 0), .sent),
    ForwardingCase("as much as the way there carries", Scene.tcp(payload: Array(repeating: 0, count: 1440)), .sent),
    ForwardingCase("just enough headroom", Scene.tcp(), .sent, headroom: 20),
  ]

  private static func truncatedTCP(to port: UInt8) -> [UInt8] {
    ip.raw([0x9C, 0x40, 0, port] + Array(repeating: 0, count: 15)).bytes.replacing(23, with: 6)
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

  @Test func `Every verdict has a case here`() {
    #expect(Set((Self.passed + Self.dropped + Self.sent).map(\.verdict)) == Set(Verdict.allCases))
  }

  @Test func `What is for nobody passes, what is for a service and cannot be sent is dropped`() {
    #expect(Self.passed.allSatisfy { $0.verdict.action == .pass })
    #expect(Self.dropped.allSatisfy { $0.verdict.action == .drop })
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
    #expect(verdict == (count < 14 ? .truncatedFrame : .malformedIPv4))
  }
}

extension [UInt8] {
  /// These bytes with another one at `index`.
  func replacing(_ index: Int, with byte: UInt8) -> [UInt8] {
    var bytes = self
    bytes[index] = byte
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
