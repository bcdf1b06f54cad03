// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@testable import Probing

struct ProbePacketTests {
  struct Example: CustomTestStringConvertible, Sendable {
    let name: String
    let packet: ProbePacket?
    let expected: [UInt8]

    var testDescription: String { name }
  }

  private static func v4(_ question: ProbeFlow.Question) -> ProbeFlow {
    ProbeFlow(from: .v4("192.0.2.10"), to: .v4("203.0.113.80"), question)
  }

  private static func v6(_ question: ProbeFlow.Question) -> ProbeFlow {
    ProbeFlow(from: .v6("2001:db8::10"), to: .v6("2001:db8:80::80"), question)
  }

  private static let web = ProbeFlow.Question.connection(from: 50001, to: 80)
  private static let dns = ProbeFlow.Question.datagram(from: 50001, to: 53)
  private static let echo = ProbeFlow.Question.echo(identifier: 0x1234, sequence: 7)

  /// Made with scapy 2.5.0.
  static let examples = [
    Example(
      name: "SYN", packet: ProbePacket(v4(web)),
      expected: hex(
        """
        45 00 00 2c 00 00 40 00 40 06 3c 71 c0 00 02 0a cb 00 71 50
        c3 51 00 50 63 75 6c 76 00 00 00 00 60 02 ff ff 06 52 00 00 02 04 05 a0
        """)),
    Example(
      name: "SYN with 13 bytes", packet: ProbePacket(v4(web), size: 57),
      expected: hex(
        """
        45 00 00 39 00 00 40 00 40 06 3c 64 c0 00 02 0a cb 00 71 50
        c3 51 00 50 63 75 6c 76 00 00 00 00 60 02 ff ff 06 45 00 00 02 04 05 a0
        00 00 00 00 00 00 00 00 00 00 00 00 00
        """)),
    Example(
      name: "reset", packet: ProbePacket.reset(v4(web)),
      expected: hex(
        """
        45 00 00 28 00 00 40 00 40 06 3c 75 c0 00 02 0a cb 00 71 50
        c3 51 00 50 63 75 6c 77 00 00 00 00 50 04 00 00 1d f7 00 00
        """)),
    Example(
      name: "SYN over IPv6", packet: ProbePacket(v6(web)),
      expected: hex(
        """
        60 00 00 00 00 18 06 40 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 10
        20 01 0d b8 00 80 00 00 00 00 00 00 00 00 00 80
        c3 51 00 50 63 75 6c 76 00 00 00 00 60 02 ff ff a8 2b 00 00 02 04 05 a0
        """)),
    Example(
      name: "empty datagram", packet: ProbePacket(v4(dns)),
      expected: hex(
        """
        45 00 00 1c 00 00 40 00 40 11 3c 76 c0 00 02 0a cb 00 71 50 c3 51 00 35 00 08 3d fc
        """)),
    Example(
      name: "datagram of 5 bytes over IPv6", packet: ProbePacket(v6(dns), size: 53),
      expected: hex(
        """
        60 00 00 00 00 0d 11 40 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 10
        20 01 0d b8 00 80 00 00 00 00 00 00 00 00 00 80 c3 51 00 35 00 0d df cb 00 00 00 00 00
        """)),
    Example(
      name: "echo request", packet: ProbePacket(v4(echo)),
      expected: hex(
        """
        45 00 00 1c 00 00 40 00 40 01 3c 86 c0 00 02 0a cb 00 71 50 08 00 e5 c4 12 34 00 07
        """)),
    Example(
      name: "echo request of 3 bytes over IPv6", packet: ProbePacket(v6(echo), size: 51),
      expected: hex(
        """
        60 00 00 00 00 0b 3a 40 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 10
        20 01 0d b8 00 80 00 00 00 00 00 00 00 00 00 80 80 00 10 fd 12 34 00 07 00 00 00
        """)),
  ]

  @Test(arguments: examples)
  func `has the bytes that scapy gives it`(_ example: Example) throws {
    let packet = try #require(example.packet)
    #expect(packet.bytes == example.expected, "\(dump(packet.bytes))")
  }

  @Test func `resets nothing but connections`() {
    #expect(ProbePacket.reset(Self.v4(Self.dns)) == nil)
  }

  @Test(arguments: [0, 20, 44, 45, 1400, 65_535, 70_000])
  func `is as long as it shall be, if it can`(_ size: Int) {
    #expect(ProbePacket(Self.v4(Self.web), size: size).bytes.count == min(max(size, 44), 65_535))
  }
}
