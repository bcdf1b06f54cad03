// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@Suite struct FragmentsTests {
  private let ethernet = PacketBuilder().ethernet()
  private let payload: [UInt8] = Array(0..<48)

  @Test func `IPv4 pieces are what scapy makes of them`() {
    // fragment(IP(src="198.51.100.7", dst="203.0.113.80", id=7) / UDP(sport=40000, dport=53) / payload, fragsize=24)
    let golden = [
      """
      02000000000102000000000208004500002c000720004011f42ec6336407cb0071509c4000350038
      d23a000102030405060708090a0b0c0d0e0f
      """,
      """
      02000000000102000000000208004500002c000720034011f42bc6336407cb007150101112131415
      161718191a1b1c1d1e1f2021222324252627
      """,
      """
      02000000000102000000000208004500001c0007000640111439c6336407cb00715028292a2b2c2d
      2e2f
      """,
    ]
    let whole = ethernet.ipv4(from: "198.51.100.7", to: "203.0.113.80", identification: 7)
      .udp(from: 40_000, to: 53, payload: payload)
    #expect(fragments(of: whole.bytes, mtu: 44).map(dump) == golden.map { dump(hex($0)) })
  }

  @Test func `IPv6 pieces are what scapy makes of them`() {
    // fragment6(IPv6(src="2001:db8:c::7", dst="2001:db8:5::80") / IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)])
    // / IPv6ExtHdrFragment(id=9) / UDP(sport=40000, dport=53) / payload, 80)
    let golden = [
      """
      02000000000102000000000286dd600000000028004020010db8000c000000000000000000072001
      0db80005000000000000000000802c0001040000000011000001000000099c4000350038dcbc0001
      02030405060708090a0b0c0d0e0f
      """,
      """
      02000000000102000000000286dd600000000028004020010db8000c000000000000000000072001
      0db80005000000000000000000802c00010400000000110000190000000910111213141516171819
      1a1b1c1d1e1f2021222324252627
      """,
      """
      02000000000102000000000286dd600000000018004020010db8000c000000000000000000072001
      0db80005000000000000000000802c00010400000000110000300000000928292a2b2c2d2e2f
      """,
    ]
    let whole = ethernet.ipv6(from: "2001:db8:c::7", to: "2001:db8:5::80").hopByHop()
      .udp(from: 40_000, to: 53, payload: payload)
    #expect(fragments(of: whole.bytes, mtu: 80, identification: 9).map(dump) == golden.map { dump(hex($0)) })
  }

  @Test func `A packet that fits stays whole`() {
    let whole = ethernet.vlan(id: 1).ipv4(from: "198.51.100.7", to: "203.0.113.80").udp(
      from: 1, to: 2, payload: payload)
    #expect(fragments(of: whole.bytes, mtu: 76) == [whole.bytes])
    #expect(fragments(of: whole.bytes, mtu: 75).count == 2)
  }

  @Test func `Tags stand before every piece`() {
    let whole = ethernet.vlan(id: 5, tag: 0x88A8).vlan(id: 6).ipv6(from: "::1", to: "::2").udp(
      from: 1, to: 2, payload: payload)
    let pieces = fragments(of: whole.bytes, mtu: 72)
    #expect(pieces.count == 3 && pieces.allSatisfy { $0[..<22] == whole.bytes[..<22] })
  }
}
