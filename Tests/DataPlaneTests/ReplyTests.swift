// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// The director's own answers, held against packets that are built from scratch.
@Suite struct ReplyTests {
  static let versions = [IPVersion.v4, .v6]
  static let tagging: [[UInt16]] = [[], [5], [5, 6]]

  /// An answer up to its IP header: from the virtual address to the client, on the link that the packet came by.
  private func answer(_ version: IPVersion, _ tags: [UInt16] = []) -> PacketBuilder {
    tags.reduce(PacketBuilder().ethernet(from: "02:00:00:00:00:01", to: "02:00:00:00:00:02")) { $0.vlan(id: $1) }
      .ip(from: Scene.virtualAddress(version), to: Scene.client(version))
  }

  private func error(
    _ version: IPVersion, _ tags: [UInt16], type: UInt8, code: UInt8, rest: UInt32 = 0, about frame: [UInt8]
  ) -> [UInt8] {
    let packet = frame[(14 + 4 * tags.count)...]
    let limit = version == .v4 ? 576 - 28 : 1280 - 48
    let quote = Array(packet.prefix(min(packet.count, limit) / 4 * 4))
    return version == .v4
      ? answer(version, tags).icmp(type: type, code: code, rest: rest, payload: quote).bytes
      : answer(version, tags).icmpv6(type: type, code: code, rest: rest, payload: quote).bytes
  }

  private func refusing() -> TestEnvironment {
    let environment = Scene.environment()
    for entry in environment.virtualAddresses.values {
      entry.value = VirtualAddressEntry(number: entry.value.number, unconfiguredPorts: .reset, answersEcho: true)
    }
    return environment
  }

  // MARK: Packet too big

  @Test(arguments: versions, tagging)
  func `Who sends too much is told what fits`(version: IPVersion, tags: [UInt16]) {
    for (mtu, outer) in [(1500, IPVersion.v4), (1400, .v6), (9000, .v4)] {
      let environment = Scene.environment()
      environment.destinations[Scene.ipip] = Cell(Scene.destination(.gue, mtu: UInt16(mtu), outer: outer))
      let fitting = mtu - (outer == .v4 ? 32 : 52)
      for excess in 1...4 {
        let payload = [UInt8](repeating: 7, count: fitting + excess - (version == .v4 ? 40 : 60))
        let frame = Scene.packet(version, tags: tags).tcp(from: 40_000, to: 80, payload: payload).bytes
        #expect(decide(frame, in: environment).verdict == .packetTooBig)
        let expected = error(
          version, tags, type: version == .v4 ? 3 : 2, code: version == .v4 ? 4 : 0, rest: UInt32(fitting), about: frame
        )
        #expect(dump(environment.frame) == dump(expected))
      }
    }
  }

  static let untold: [ForwardingCase] = [
    ForwardingCase("divisible", Scene.tcp(payload: large), .exceedsMTU),
    ForwardingCase("a later fragment", Scene.tcp(fragment: 0x4001, payload: large), .exceedsMTU),
    ForwardingCase(
      "a later fragment over IPv6",
      Scene.packet(.v6).ipv6Fragment(identification: 1, offset: 8, more: true).raw(large).bytes
        .replacing(54, with: 17), .exceedsMTU),
    ForwardingCase("an ICMP error", icmpError(.v4), .exceedsMTU),
    ForwardingCase("an ICMPv6 error", icmpError(.v6), .exceedsMTU),
  ]

  private static let large = [UInt8](repeating: 1, count: 1480)

  private static func icmpError(_ version: IPVersion) -> [UInt8] {
    let quote = PacketBuilder().ip(from: Scene.virtualAddress(version), to: Scene.client(version))
      .tcp(from: 80, to: 40_000, payload: large).bytes
    return version == .v4
      ? Scene.packet(.v4).icmp(type: 3, code: 1, payload: quote).bytes
      : Scene.packet(.v6).icmpv6(type: 1, payload: quote).bytes
  }

  @Test(arguments: untold)
  func `Nobody is told of what is no packet of one's own or could be divided`(item: ForwardingCase) {
    let environment = Scene.environment()
    #expect(decide(item.frame, in: environment).verdict == item.verdict)
    #expect(environment.frame == item.frame)
  }

  @Test(arguments: [(1319, Verdict.exceedsMTU), (1320, .packetTooBig)] as [(UInt16, Verdict)])
  func `Nobody is told of less than IPv6's smallest MTU`(mtu: UInt16, verdict: Verdict) {
    let environment = Scene.environment()
    environment.destinations[Scene.ipip] = Cell(Scene.destination(.ipip, mtu: mtu, outer: .v6))
    let frame = Scene.packet(.v6).tcp(from: 1, to: 80, payload: Self.large).bytes
    #expect(decide(frame, in: environment).verdict == verdict)
  }

  @Test func `A CPU answers as often in a tick as it may`() {
    let environment = Scene.environment()
    environment.commonSettings.value = Settings(prefixLengths: [128], flowLimit: 0, replyLimit: 3)
    let ping = Scene.packet().icmp(type: 8).bytes
    func verdicts() -> [Verdict] { (0..<5).map { _ in decide(ping, in: environment).verdict } }
    let expected: [Verdict] = [.echoReply, .echoReply, .echoReply, .unanswered, .unanswered]
    #expect(verdicts() == expected)
    environment.now = Tick(rawValue: 1_001)
    #expect(verdicts() == expected)
  }

  @Test(arguments: versions)
  func `Without room for an answer there is none`(version: IPVersion) {
    let frame = Scene.packet(version).udp(from: 1, to: 54).bytes
    let room = version == .v4 ? 28 : 48
    #expect(decide(frame, in: refusing(), headroom: room).verdict == .portUnreachable)
    #expect(decide(frame, in: refusing(), headroom: room - 1).verdict == .unanswered)
  }

  // MARK: Port unreachable

  @Test(arguments: versions, tagging)
  func `A datagram to a closed port is refused`(version: IPVersion, tags: [UInt16]) {
    for count in [0, 1, 2, 3, 512, 520, 1200, 1300] {
      let environment = refusing()
      let frame = Scene.packet(version, tags: tags)
        .udp(from: 40_000, to: 54, payload: Array(repeating: 3, count: count)).bytes
      #expect(decide(frame + [0, 0, 0], in: environment).verdict == .portUnreachable)
      let expected = error(version, tags, type: version == .v4 ? 3 : 1, code: version == .v4 ? 3 : 4, about: frame)
      #expect(dump(environment.frame) == dump(expected))
    }
  }

  // MARK: Resets

  struct Segment: CustomTestStringConvertible, Sendable {
    let flags: TCPHeader.Flags
    let payload: Int
    /// Of the reset; nil where it has no ACK.
    let acknowledgement: UInt32?

    var testDescription: String { "flags \(flags.rawValue), \(payload) bytes" }
  }

  // SEG.SEQ is 0xfffffffe, SEG.ACK 0x12345678: a sequence number passes over zero.
  static let segments = [
    Segment(flags: .synchronize, payload: 0, acknowledgement: 0xFFFF_FFFF),
    Segment(flags: .synchronize, payload: 5, acknowledgement: 4),
    Segment(flags: [], payload: 0, acknowledgement: 0xFFFF_FFFE),
    Segment(flags: .finish, payload: 0, acknowledgement: 0xFFFF_FFFF),
    Segment(flags: [.synchronize, .finish], payload: 1, acknowledgement: 1),
    Segment(flags: [], payload: 1000, acknowledgement: 998),
    Segment(flags: .acknowledge, payload: 0, acknowledgement: nil),
    Segment(flags: [.acknowledge, .finish], payload: 9, acknowledgement: nil),
    Segment(flags: [.acknowledge, .synchronize], payload: 0, acknowledgement: nil),
  ]

  @Test(arguments: segments, versions)
  func `A segment to a closed port is reset as RFC 9293 says`(segment: Segment, version: IPVersion) {
    for tags in Self.tagging {
      let environment = refusing()
      let frame = Scene.packet(version, tags: tags).tcp(
        from: 40_000, to: 81, sequence: 0xFFFF_FFFE, acknowledgement: 0x1234_5678, flags: segment.flags,
        payload: Array(repeating: 1, count: segment.payload)
      ).bytes
      #expect(decide(frame + [0, 0], in: environment).verdict == .portReset)
      let flags: TCPHeader.Flags = segment.acknowledgement == nil ? .reset : [.reset, .acknowledge]
      let reset = answer(version, tags).tcp(
        from: 81, to: 40_000, sequence: segment.acknowledgement == nil ? 0x1234_5678 : 0,
        acknowledgement: segment.acknowledgement ?? 0, flags: flags, window: 0)
      #expect(dump(environment.frame) == dump(reset.bytes))
    }
  }

  @Test(arguments: versions)
  func `A reset is not reset`(version: IPVersion) {
    let frame = Scene.packet(version).tcp(from: 40_000, to: 81, flags: [.reset, .acknowledge]).bytes
    #expect(decide(frame, in: refusing()).verdict == .closedPort)
  }

  // MARK: Nobody serves

  @Test(arguments: versions, tagging)
  func `A service that refuses what no server takes answers as a closed port does`(version: IPVersion, tags: [UInt16]) {
    let environment = Scene.refusingUnserved()
    let opening = Scene.packet(version, tags: tags).tcp(
      from: 40_000, to: 80, sequence: 7, flags: .synchronize, payload: [1, 2, 3]
    ).bytes
    #expect(decide(opening, in: environment).verdict == .portReset)
    let reset = answer(version, tags).tcp(
      from: 80, to: 40_000, sequence: 0, acknowledgement: 11, flags: [.reset, .acknowledge], window: 0)
    #expect(dump(environment.frame) == dump(reset.bytes))
    let datagram = Scene.packet(version, tags: tags).udp(from: 40_000, to: 53, payload: [1, 2, 3, 4]).bytes
    #expect(decide(datagram, in: environment).verdict == .portUnreachable)
    let expected = error(version, tags, type: version == .v4 ? 3 : 1, code: version == .v4 ? 3 : 4, about: datagram)
    #expect(dump(environment.frame) == dump(expected))
  }

  // MARK: Echo

  @Test(arguments: versions, tagging)
  func `A ping comes back with all that was in it`(version: IPVersion, tags: [UInt16]) {
    for count in [0, 1, 56, 1400, 8000] {
      let environment = Scene.environment()
      let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      func echo(_ header: PacketBuilder, _ type: UInt8) -> [UInt8] {
        version == .v4
          ? header.icmp(type: type, rest: 0x1234_0007, payload: payload).bytes
          : header.icmpv6(type: type, rest: 0x1234_0007, payload: payload).bytes
      }
      let request = echo(Scene.packet(version, tags: tags), version == .v4 ? 8 : 128)
      #expect(decide(request, in: environment).verdict == .echoReply)
      #expect(dump(environment.frame) == dump(echo(answer(version, tags), version == .v4 ? 0 : 129)))
    }
  }

  @Test func `Options, identification and class of a ping stay, its time to live does not`() {
    func packet(_ link: PacketBuilder, _ source: IPv4Address, _ destination: IPv4Address, _ ttl: UInt8) -> PacketBuilder
    {
      link.ipv4(
        from: source, to: destination, trafficClass: 0xB9, identification: 77, timeToLive: ttl, options: [1, 1, 1, 1])
    }
    let environment = Scene.environment()
    let request = packet(PacketBuilder().ethernet(), Scene.client, Scene.virtualAddress, 3).icmp(type: 8).bytes
    #expect(decide(request, in: environment).verdict == .echoReply)
    let link = PacketBuilder().ethernet(from: "02:00:00:00:00:01", to: "02:00:00:00:00:02")
    let reply = packet(link, Scene.virtualAddress, Scene.client, 64).icmp(type: 0).bytes
    #expect(dump(environment.frame) == dump(reply))
  }

  @Test(arguments: versions)
  func `The checksum of a reply is the one that is computed anew`(version: IPVersion) {
    let environment = Scene.environment()
    environment.commonSettings.value = Settings(prefixLengths: [128], flowLimit: 0, replyLimit: .max)
    for word in stride(from: 0 as UInt32, through: 0xFFFF, by: 37) {
      let packet = Scene.packet(version)
      let request = version == .v4 ? packet.icmp(type: 8, rest: word) : packet.icmpv6(type: 128, rest: word)
      let reply =
        version == .v4 ? answer(version).icmp(type: 0, rest: word) : answer(version).icmpv6(type: 129, rest: word)
      _ = decide(request.bytes, in: environment)
      #expect(environment.frame == reply.bytes, "\(word)")
    }
  }
}
