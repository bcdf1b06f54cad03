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

/// The same for IPv6, tunnels, ICMP and the rest: a table of what scapy makes.
@Suite struct PacketBuilderTableTests {
  struct Golden: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let built: PacketBuilder
    let scapy: String

    init(_ name: String, _ built: PacketBuilder, _ scapy: String) {
      (testDescription, self.built, self.scapy) = (name, built, scapy)
    }
  }

  private static let hello = Array("hello".utf8)
  private static let ethernet = PacketBuilder().ethernet()
  private static let outer6 = ethernet.ipv6(from: "2001:db8::10", to: "2001:db8:1::11")

  /// A client's datagram of either family, in the layers before.
  private static func client4(_ layers: PacketBuilder) -> PacketBuilder {
    query(layers.ipv4(from: "198.51.100.7", to: "203.0.113.80", identification: 7))
  }

  private static func client6(_ layers: PacketBuilder) -> PacketBuilder {
    query(layers.ipv6(from: "2001:db8:c::7", to: "2001:db8:5::80"))
  }

  private static func query(_ layers: PacketBuilder) -> PacketBuilder {
    layers.udp(from: 40_000, to: 53, payload: hello)
  }

  static let network: [Golden] = [
    // IPv6(tc=0x2e, fl=0x12345, hlim=57, src="2001:db8:c::7", dst="2001:db8:5::80")
    // / TCP(sport=40000, dport=80, seq=1, ack=2, flags="PA", window=8192) / b"hello"
    Golden(
      "TCP over IPv6",
      ethernet.ipv6(
        from: "2001:db8:c::7", to: "2001:db8:5::80", trafficClass: 0x2E, flowLabel: 0x12345, hopLimit: 57
      )
      .tcp(
        from: 40_000, to: 80, sequence: 1, acknowledgement: 2, flags: TCPHeader.Flags(rawValue: 0x18), payload: hello),
      """
      02000000000102000000000286dd62e123450019063920010db8000c000000000000000000072001
      0db80005000000000000000000809c4000500000000100000002501820005358000068656c6c6f
      """),
    // Dot1AD(vlan=7, prio=3) / Dot1Q(vlan=4094, prio=5) / IPv6(…) / UDP(sport=40000, dport=53) / b"hello"
    Golden(
      "two tags", client6(ethernet.vlan(id: 7, priority: 3, tag: 0x88A8).vlan(id: 4094, priority: 5)),
      """
      02000000000102000000000288a860078100affe86dd60000000000d114020010db8000c00000000
      00000000000720010db80005000000000000000000809c400035000dc38268656c6c6f
      """),
    // IPv6(…) / IPv6ExtHdrHopByHop(options=[RouterAlert()]) / IPv6ExtHdrRouting(addresses=[])
    // / IPv6ExtHdrFragment(id=9) / AH(nh=60, spi=0x100, seq=1, icv=b"\0" * 12, payloadlen=4)
    // / IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)]) / UDP(…) / b"hello"
    Golden(
      "extension headers",
      query(
        ethernet.ipv6(from: "2001:db8:c::7", to: "2001:db8:5::80").hopByHop(options: [5, 2, 0, 0]).routing()
          .ipv6Fragment(identification: 9, offset: 0, more: false).authentication().destinationOptions()),
      """
      02000000000102000000000286dd600000000045004020010db8000c000000000000000000072001
      0db80005000000000000000000802b000502000001002c0000000000000033000000000000093c04
      0000000001000000000100000000000000000000000011000104000000009c400035000dc3826865
      6c6c6f
      """),
    // IP(id=7, …) / SCTP(sport=40000, dport=80, tag=0, chksum=0) / b"data"
    Golden(
      "SCTP",
      ethernet.ipv4(from: "198.51.100.7", to: "203.0.113.80", identification: 7)
        .sctp(from: 40_000, to: 80, payload: Array("data".utf8)),
      """
      02000000000102000000000208004500002400070000408413c4c6336407cb0071509c4000500000
      00000000000064617461
      """),
    // IP(id=7, …) / ESP(spi=0x1234, seq=1, data=b"data")
    Golden(
      "ESP",
      ethernet.ipv4(from: "198.51.100.7", to: "203.0.113.80", identification: 7)
        .esp(spi: 0x1234, payload: Array("data".utf8)),
      """
      020000000001020000000002080045000020000700004032141ac6336407cb007150000012340000
      000164617461
      """),
  ]

  static let messages: [Golden] = [
    // IP(id=0, src="192.0.2.1", dst="203.0.113.80") / ICMP(type=3, code=4, nexthopmtu=1400)
    // / IP(id=7, src="203.0.113.80", dst="198.51.100.7") / UDP(sport=53, dport=40000) / b"hello"
    Golden(
      "fragmentation needed",
      ethernet.ipv4(from: "192.0.2.1", to: "203.0.113.80").icmp(type: 3, code: 4, rest: 1400)
        .ipv4(from: "203.0.113.80", to: "198.51.100.7", identification: 7).udp(from: 53, to: 40_000, payload: hello),
      """
      02000000000102000000000208004500003d0000000040017c6ec0000201cb00715003045e2e0000
      057845000021000700004011143acb007150c633640700359c40000db90068656c6c6f
      """),
    // IPv6(src="2001:db8::1", dst="2001:db8:5::80") / ICMPv6PacketTooBig(mtu=1400) / IPv6(…) / UDP(…) / b"hello"
    Golden(
      "packet too big",
      ethernet.ipv6(from: "2001:db8::1", to: "2001:db8:5::80").icmpv6(type: 2, rest: 1400)
        .ipv6(from: "2001:db8:5::80", to: "2001:db8:c::7").udp(from: 53, to: 40_000, payload: hello),
      """
      02000000000102000000000286dd60000000003d3a4020010db80000000000000000000000012001
      0db800050000000000000000008002002ae90000057860000000000d114020010db8000500000000
      00000000008020010db8000c0000000000000000000700359c40000dc38268656c6c6f
      """),
    // IPv6(…) / ICMPv6EchoRequest(id=1, seq=2, data=b"hello")
    Golden(
      "echo request",
      ethernet.ipv6(from: "2001:db8:c::7", to: "2001:db8:5::80").icmpv6(type: 128, rest: 0x1_0002, payload: hello),
      """
      02000000000102000000000286dd60000000000d3a4020010db8000c000000000000000000072001
      0db80005000000000000000000808000dfd80001000268656c6c6f
      """),
  ]

  static let tunnels: [Golden] = [
    // IP(id=0, flags="DF", src="192.0.2.10", dst="10.1.0.11") / GRE(key_present=1, key=0xdeadbeef) / IPv6(…) / …
    Golden(
      "GRE with a key",
      client6(ethernet.ipv4(from: "192.0.2.10", to: "10.1.0.11", fragment: 0x4000).gre(key: 0xDEAD_BEEF)),
      """
      02000000000102000000000208004500005100004000402f6e68c000020a0a01000b200086dddead
      beef60000000000d114020010db8000c0000000000000000000720010db800050000000000000000
      00809c400035000dc38268656c6c6f
      """),
    // IPv6(src="2001:db8::10", dst="2001:db8:1::11") / UDP(sport=50000, dport=6080) / Raw(b"\0\4\0\0") / IP(…) / …
    Golden(
      "GUE", client4(outer6.udp(from: 50_000, to: 6080).gue()),
      """
      02000000000102000000000286dd60000000002d114020010db80000000000000000000000102001
      0db8000100000000000000000011c35017c0002d2f960004000045000021000700004011143ac633
      6407cb0071509c400035000db90068656c6c6f
      """),
    // The same with UDP(…, chksum=0) and without the GUE header
    Golden(
      "FOU without a checksum", client4(outer6.udp(from: 50_000, to: 6080, checksum: 0)),
      """
      02000000000102000000000286dd600000000029114020010db80000000000000000000000102001
      0db8000100000000000000000011c35017c00029000045000021000700004011143ac6336407cb00
      71509c400035000db90068656c6c6f
      """),
    Golden(
      "IPv6 in IPv4", client6(ethernet.ipv4(from: "192.0.2.10", to: "10.1.0.11")),
      """
      020000000001020000000002080045000049000000004029ae76c000020a0a01000b60000000000d
      114020010db8000c0000000000000000000720010db80005000000000000000000809c400035000d
      c38268656c6c6f
      """),
    Golden(
      "IPv4 in IPv6", client4(outer6),
      """
      02000000000102000000000286dd600000000021044020010db80000000000000000000000102001
      0db800010000000000000000001145000021000700004011143ac6336407cb0071509c400035000d
      b90068656c6c6f
      """),
    Golden(
      "IPv6 in IPv6", client6(outer6),
      """
      02000000000102000000000286dd600000000035294020010db80000000000000000000000102001
      0db800010000000000000000001160000000000d114020010db8000c000000000000000000072001
      0db80005000000000000000000809c400035000dc38268656c6c6f
      """),
  ]

  @Test(arguments: network + messages + tunnels)
  func `A frame is what scapy makes of it`(golden: Golden) {
    #expect(dump(golden.built.bytes) == dump(hex(golden.scapy)))
  }

  @Test func `What is given instead of the computed is written`() {
    let lies = PacketBuilder().ethernet(type: 0x1234).vlan(id: 1, type: 0x5678)
      .ipv6(from: "::", to: "::", nextHeader: 200, payloadLength: 0xABCD).hopByHop(nextHeader: 201, length: 9)
      .gue(protocolNumber: 202, first: 0xE0).bytes
    #expect(lies[12...13] == [0x12, 0x34] && lies[16...17] == [0x56, 0x78])
    #expect(lies[22...24] == [0xAB, 0xCD, 200] && lies[58...59] == [201, 9] && lies[66...67] == [0xE0, 202])
  }
}
