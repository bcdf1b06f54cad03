// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

/// Tests lean on the builder: scapy says what it has to build.
@Suite struct PacketBuilderTests {
  private let client = PacketBuilder().ethernet()

  @Test func `A TCP segment is what scapy makes of it`() {
    // Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:02") / IP(src="198.51.100.7", dst="203.0.113.80", id=7)
    // / TCP(sport=40000, dport=80, seq=1, ack=2, flags="PA", window=8192) / b"hello"
    let golden = hex(
      """
      02000000000102000000000208004500002d0007000040061439c6336407cb00
      71509c40005000000001000000025018200048d6000068656c6c6f
      """)
    let built = client.ipv4(from: "198.51.100.7", to: "203.0.113.80", identification: 7)
      .tcp(
        from: 40_000, to: 80, sequence: 1, acknowledgement: 2, flags: TCPHeader.Flags(rawValue: 0x18),
        payload: Array("hello".utf8))
    #expect(dump(built.bytes) == dump(golden))
  }

  @Test func `A UDP datagram is what scapy makes of it`() {
    // … / IP(src="198.51.100.7", dst="203.0.113.80", id=7, flags="DF", tos=3) / UDP(sport=40000, dport=53) / b"hello"
    let golden = hex(
      """
      020000000001020000000002080045030021000740004011d436c6336407cb00
      71509c400035000db90068656c6c6f
      """)
    let built = client.ipv4(
      from: "198.51.100.7", to: "203.0.113.80", trafficClass: 3, identification: 7, fragment: 0x4000
    )
    .udp(from: 40_000, to: 53, payload: Array("hello".utf8))
    #expect(dump(built.bytes) == dump(golden))
  }

  @Test func `A packet in a packet is what scapy makes of it`() {
    // … / IP(src="192.0.2.10", dst="10.1.0.11", id=0, flags="DF", ttl=64)
    // / IP(src="198.51.100.7", dst="203.0.113.80", id=7) / UDP(sport=40000, dport=53) / b"hello"
    let golden = hex(
      """
      0200000000010200000000020800450000350000400040046eafc000020a0a01
      000b45000021000700004011143ac6336407cb0071509c400035000db9006865
      6c6c6f
      """)
    let built = client.ipv4(from: "192.0.2.10", to: "10.1.0.11", fragment: 0x4000)
      .ipv4(from: "198.51.100.7", to: "203.0.113.80", identification: 7)
      .udp(from: 40_000, to: 53, payload: Array("hello".utf8))
    #expect(dump(built.bytes) == dump(golden))
  }
}
