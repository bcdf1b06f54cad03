// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@testable import Probing

/// All bytes were made with scapy 2.5.0.
struct ClaimQuestionTests {
  private let v4 = ClaimQuestion(address: .v4("203.0.113.80"))
  private let v6 = ClaimQuestion(address: .v6("2001:db8:f::12:3456"))
  private let claimant: MACAddress = "02:00:00:00:00:09"

  @Test func `is an ARP probe for IPv4`() {
    let expected = hex(
      "00 01 08 00 06 04 00 01 02 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 cb 00 71 50")
    #expect(v4.packet(from: "02:00:00:00:00:01") == expected)
    #expect(v4.receiver == .broadcast)
    #expect(v4.type == 0x0806)
  }

  @Test func `is a solicitation without a source for IPv6`() {
    let expected = hex(
      """
      60 00 00 00 00 18 3a ff 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
      ff 02 00 00 00 00 00 00 00 00 00 01 ff 12 34 56
      87 00 e4 0f 00 00 00 00 20 01 0d b8 00 0f 00 00 00 00 00 00 00 12 34 56
      """)
    #expect(v6.packet(from: "02:00:00:00:00:01") == expected)
    #expect(v6.receiver == "33:33:ff:12:34:56")
    #expect(v6.type == 0x86DD)
  }

  @Test func `is answered by ARP`() {
    var reply = hex("00 01 08 00 06 04 00 02 02 00 00 00 00 09 cb 00 71 50 02 00 00 00 00 01 00 00 00 00")
    #expect(v4.claimant(in: reply, from: .zero) == claimant)
    #expect(v4.claimant(in: Array(reply.prefix(17)), from: .zero) == nil)
    reply[17] = 0x51
    #expect(v4.claimant(in: reply, from: .zero) == nil)
  }

  @Test func `is answered by an advertisement`() {
    let reply = hex(
      """
      60 00 00 00 00 20 3a ff fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 09
      ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 01
      88 00 f3 dc 20 00 00 00 20 01 0d b8 00 0f 00 00 00 00 00 00 00 12 34 56 02 01 02 00 00 00 00 09
      """)
    #expect(v6.claimant(in: reply, from: claimant) == claimant)
    #expect(v6.claimant(in: Array(reply.prefix(60)), from: claimant) == nil)
    #expect(ClaimQuestion(address: .v6("2001:db8:f::1")).claimant(in: reply, from: claimant) == nil)
  }
}
