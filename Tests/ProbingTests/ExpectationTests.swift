// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@testable import Probing

struct ExpectationTests {
  struct Example: CustomTestStringConvertible, Sendable {
    let name: String
    var question = ProbeFlow.Question.connection(from: 50001, to: 80)
    var version = IPVersion.v4
    let bytes: [UInt8]
    let expected: Answer.Content?

    var testDescription: String { name }

    var probe: ProbePacket {
      ProbePacket(
        version == .v4
          ? ProbeFlow(from: .v4("192.0.2.10"), to: .v4("203.0.113.80"), question)
          : ProbeFlow(from: .v6("2001:db8::10"), to: .v6("2001:db8:80::80"), question))
    }
  }

  private static func problem(_ kind: ICMPProblem.Kind, isAboutTunnel: Bool) -> Answer.Content {
    .problem(ICMPProblem(kind: kind, isAboutTunnel: isAboutTunnel))
  }

  /// The probe in IPIP, as a director sends it. All of these were made with scapy 2.5.0.
  private static let outer = hex(
    """
    45 00 00 40 00 00 40 00 40 04 6e a4 c0 00 02 0a 0a 01 00 0b
    45 00 00 2c 00 00 40 00 40 06 3c 71 c0 00 02 0a cb 00 71 50
    c3 51 00 50 63 75 6c 76 00 00 00 00 60 02 ff ff 06 52 00 00 02 04 05 a0
    """)
  private static let echo = ProbeFlow.Question.echo(identifier: 0x1234, sequence: 7)
  private static let probeV6 =
    """
    60 00 00 00 00 18 06 40 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 10
    20 01 0d b8 00 80 00 00 00 00 00 00 00 00 00 80
    c3 51 00 50 63 75 6c 76 00 00 00 00 60 02 ff ff a8 2b 00 00 02 04 05 a0
    """
  private static let headerV6 =
    "60 00 00 00 00 48 3a 40 20 01 0d b8 00 80 00 00 00 00 00 00 00 00 00 80 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 10"

  static let replies = [
    Example(
      name: "SYN-ACK",
      bytes: hex(
        """
        45 00 00 28 00 01 00 00 40 06 7c 74 cb 00 71 50 c0 00 02 0a
        00 50 c3 51 00 00 00 09 63 75 6c 77 50 12 20 00 fd df 00 00
        """), expected: .accepted),
    Example(
      name: "reset",
      bytes: hex(
        """
        45 00 00 28 00 01 00 00 40 06 7c 74 cb 00 71 50 c0 00 02 0a
        00 50 c3 51 00 00 00 00 63 75 6c 77 50 14 20 00 fd e6 00 00
        """), expected: .refused),
    Example(
      name: "SYN-ACK to another port",
      bytes: hex(
        """
        45 00 00 28 00 01 00 00 40 06 7c 74 cb 00 71 50 c0 00 02 0a
        00 50 c3 52 00 00 00 00 00 00 00 00 50 12 20 00 cd d4 00 00
        """), expected: nil),
    Example(
      name: "ACK alone",
      bytes: hex(
        """
        45 00 00 28 00 01 00 00 40 06 7c 74 cb 00 71 50 c0 00 02 0a
        00 50 c3 51 00 00 00 00 00 00 00 00 50 10 20 00 cd d7 00 00
        """), expected: nil),
    Example(
      name: "datagram", question: .datagram(from: 50001, to: 53),
      bytes: hex("45 00 00 1d 00 01 00 00 40 11 7c 74 cb 00 71 50 c0 00 02 0a 00 35 c3 51 00 09 c5 f9 78"),
      expected: .datagram),
    Example(
      name: "echo reply", question: echo,
      bytes: hex("45 00 00 1c 00 01 00 00 40 01 7c 85 cb 00 71 50 c0 00 02 0a 00 00 ed c4 12 34 00 07"),
      expected: .echo),
    Example(
      name: "echo reply of IPv6", question: echo, version: .v6,
      bytes: hex(headerV6.replacing("48 3a", with: "08 3a") + " 81 00 10 00 12 34 00 07"), expected: .echo),
    Example(
      name: "echo reply to another", question: .echo(identifier: 0x1234, sequence: 8), version: .v6,
      bytes: hex(headerV6.replacing("48 3a", with: "08 3a") + " 81 00 10 00 12 34 00 07"), expected: nil),
  ]

  static let problems = [
    Example(
      name: "port unreachable, about the probe a hop later",
      bytes: hex(
        """
        45 00 00 48 00 01 00 00 40 01 7c 59 cb 00 71 50 c0 00 02 0a 03 03 fb 76 00 00 00 00
        45 00 00 2c 00 00 40 00 3f 06 3d 71 c0 00 02 0a cb 00 71 50
        c3 51 00 50 63 75 6c 76 00 00 00 00 60 02 ff ff 06 52 00 00 02 04 05 a0
        """), expected: problem(.portUnreachable, isAboutTunnel: false)),
    Example(
      name: "protocol unreachable, about the tunnel, of which 28 bytes are quoted",
      bytes: hex(
        """
        45 00 00 38 00 01 00 00 40 01 ae ae 0a 01 00 0b c0 00 02 0a 03 02 77 d1 00 00 00 00
        45 00 00 40 00 00 40 00 3f 04 6f a4 c0 00 02 0a 0a 01 00 0b 45 00 00 2c 00 00 40 00
        """), expected: problem(.protocolUnreachable, isAboutTunnel: true)),
    Example(
      name: "too big, by a router",
      bytes: hex(
        """
        45 00 00 38 00 01 00 00 40 01 ae b8 0a 01 00 01 c0 00 02 0a 03 04 72 57 00 00 05 78
        45 00 00 40 00 00 40 00 3f 04 6f a4 c0 00 02 0a 0a 01 00 0b 45 00 00 2c 00 00 40 00
        """), expected: problem(.tooBig(mtu: 1400), isAboutTunnel: true)),
    Example(
      name: "port unreachable, about another probe",
      bytes: hex(
        """
        45 00 00 38 00 01 00 00 40 01 7c 69 cb 00 71 50 c0 00 02 0a 03 03 fc a8 00 00 00 00
        45 00 00 28 00 01 00 00 40 06 7c 74 c0 00 02 0a cb 00 71 50 00 04 00 50 00 00 00 00
        """), expected: nil),
    Example(
      name: "port unreachable of IPv6", version: .v6,
      bytes: hex("\(headerV6) 01 04 3b bd 00 00 00 00\n\(probeV6)"),
      expected: problem(.portUnreachable, isAboutTunnel: false)),
    Example(
      name: "unknown next header of IPv6", version: .v6,
      bytes: hex("\(headerV6) 04 01 38 ba 00 00 00 06\n\(probeV6)"),
      expected: problem(.protocolUnreachable, isAboutTunnel: false)),
  ]

  @Test(arguments: replies + problems)
  func `knows answers, and errors that quote the probe or its tunnel`(_ example: Example) throws {
    let expectation = Expectation(example.probe, outer: Self.outer)
    #expect(expectation.answer(in: try #require(IPPacketView(example.bytes))) == example.expected)
  }

  @Test(arguments: replies + problems)
  func `survives packets that are cut short`(_ example: Example) {
    let expectation = Expectation(example.probe, outer: Self.outer)
    for count in example.bytes.indices {
      guard let packet = IPPacketView(example.bytes.prefix(count)) else { continue }
      #expect(expectation.answer(in: packet) == nil || count > 27)
    }
  }

  @Test func `knows a tunnel by where it ends, if that is all`() throws {
    let example = Self.problems[1]
    let packet = try #require(IPPacketView(example.bytes))
    #expect(Expectation(example.probe, tunnelEnd: .v4("10.1.0.11")).answer(in: packet) == example.expected)
    #expect(Expectation(example.probe, tunnelEnd: .v4("10.1.0.12")).answer(in: packet) == nil)
    #expect(Expectation(example.probe, tunnelEnd: nil).answer(in: packet) == nil)
  }

  @Test func `takes nothing for a packet that is none`() {
    #expect(IPPacketView([UInt8]()) == nil)
    #expect(IPPacketView([0x45, 0, 0]) == nil)
    #expect(IPPacketView([UInt8](repeating: 0, count: 64)) == nil)
  }
}
