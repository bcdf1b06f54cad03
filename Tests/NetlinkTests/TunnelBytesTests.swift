// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@testable import Netlink

// As in RequestBytesTests, these are the bytes that iproute2 6.1 sends. Its attributes stand in another order, and it
// sends a limit of encapsulation beside the flag that says to add none; both are put right here. Options of a UDP header
// that is not there are 0 here.

@Suite struct `Requests for tunnels are the bytes that iproute2 sends` {
  @Test func `to add an ip6tnl tunnel in GUE`() throws {
    // ip link add t0 type ip6tnl mode any local 2001:db8::1 remote 2001:db8::2 ttl 64 tos inherit encaplimit none
    //   encap gue encap-sport auto encap-dport 6080
    let tunnel = Tunnel(
      local: "2001:db8::1", remote: "2001:db8::2", ttl: 64, tos: 1,
      udp: UDPEncapsulation(.gue, destinationPort: 6080, options: .checksum6))
    let expected = hex(
      """
      a4000000 1000 0506 00000000 00000000
      00 00 0000 00000000 00000000 00000000
      0700 0300 7430 00 00             # IFLA_IFNAME
      7c00 1280                        # IFLA_LINKINFO
        0a00 0100 697036746e6c 0000    # IFLA_INFO_KIND
        6c00 0280                      # IFLA_INFO_DATA
          0500 0900 00 000000          # IFLA_IPTUN_PROTO
          1400 0200 20010db8 00000000 00000000 00000001
          1400 0300 20010db8 00000000 00000000 00000002
          0500 0400 40 000000          # IFLA_IPTUN_TTL
          0800 0700 00000000           # IFLA_IPTUN_FLOWINFO
          0800 0800 03000000           # IFLA_IPTUN_FLAGS
          0600 0f00 0200 0000          # IFLA_IPTUN_ENCAP_TYPE
          0600 1000 0200 0000          # IFLA_IPTUN_ENCAP_FLAGS
          0600 1100 0000 0000          # IFLA_IPTUN_ENCAP_SPORT
          0600 1200 17c0 0000          # IFLA_IPTUN_ENCAP_DPORT
      """)
    #expect(dump(try Request.createLink("t0", .tunnel(.ip6tnl, tunnel), LinkSettings()).bytes) == dump(expected))
  }

  @Test func `to add a sit tunnel in UDP`() throws {
    // ip link add t0 type sit mode any local 192.0.2.1 remote 198.51.100.7 ttl 64 encap fou encap-sport auto
    //   encap-dport 6080
    let tunnel = Tunnel(
      local: "192.0.2.1", remote: "198.51.100.7", ttl: 64, udp: UDPEncapsulation(.direct, destinationPort: 6080))
    let expected = hex(
      """
      88000000 1000 0506 00000000 00000000
      00 00 0000 00000000 00000000 00000000
      0700 0300 7430 00 00             # IFLA_IFNAME
      6000 1280                        # IFLA_LINKINFO
        0700 0100 736974 00            # IFLA_INFO_KIND
        5400 0280                      # IFLA_INFO_DATA
          0500 0900 00 000000          # IFLA_IPTUN_PROTO
          0800 0200 c0000201           # IFLA_IPTUN_LOCAL
          0800 0300 c6336407           # IFLA_IPTUN_REMOTE
          0500 0a00 01 000000          # IFLA_IPTUN_PMTUDISC
          0500 0500 00 000000          # IFLA_IPTUN_TOS
          0500 0400 40 000000          # IFLA_IPTUN_TTL
          0600 0f00 0100 0000          # IFLA_IPTUN_ENCAP_TYPE
          0600 1000 0000 0000          # IFLA_IPTUN_ENCAP_FLAGS
          0600 1100 0000 0000          # IFLA_IPTUN_ENCAP_SPORT
          0600 1200 17c0 0000          # IFLA_IPTUN_ENCAP_DPORT
      """)
    #expect(dump(try Request.createLink("t0", .tunnel(.sit, tunnel), LinkSettings()).bytes) == dump(expected))
  }

  @Test func `to add an ip6gre tunnel with a key and a traffic class`() throws {
    // ip link add t0 type ip6gre local 2001:db8::1 remote 2001:db8::2 ttl 64 tos 0x10 encaplimit none key 7
    let tunnel = Tunnel(
      local: "2001:db8::1", remote: "2001:db8::2", ttl: 64, tos: 0x10, inputKey: 7, outputKey: 7)
    let expected = hex(
      """
      bc000000 1000 0506 00000000 00000000
      00 00 0000 00000000 00000000 00000000
      0700 0300 7430 00 00             # IFLA_IFNAME
      9400 1280                        # IFLA_LINKINFO
        0a00 0100 697036677265 0000    # IFLA_INFO_KIND
        8400 0280                      # IFLA_INFO_DATA
          0800 0400 00000007           # IFLA_GRE_IKEY
          0800 0500 00000007           # IFLA_GRE_OKEY
          0600 0200 2000 0000          # IFLA_GRE_IFLAGS
          0600 0300 2000 0000          # IFLA_GRE_OFLAGS
          1400 0600 20010db8 00000000 00000000 00000001
          1400 0700 20010db8 00000000 00000000 00000002
          0500 0800 40 000000          # IFLA_GRE_TTL
          0800 0c00 01000000           # IFLA_GRE_FLOWINFO
          0800 0d00 01000000           # IFLA_GRE_FLAGS
          0600 0e00 0000 0000          # IFLA_GRE_ENCAP_TYPE
          0600 0f00 0000 0000          # IFLA_GRE_ENCAP_FLAGS
          0600 1000 0000 0000          # IFLA_GRE_ENCAP_SPORT
          0600 1100 0000 0000          # IFLA_GRE_ENCAP_DPORT
      """)
    #expect(dump(try Request.createLink("t0", .tunnel(.ip6gre, tunnel), LinkSettings()).bytes) == dump(expected))
  }

  @Test func `to add an ip6tnl tunnel that copies the flow label, with a limit`() throws {
    // ip link add t0 type ip6tnl mode ipip6 local 2001:db8::1 remote 2001:db8::2 ttl inherit tos 0x10 flowlabel inherit
    //   encaplimit 3
    let tunnel = Tunnel(
      local: "2001:db8::1", remote: "2001:db8::2", tos: 0x10, encapsulationLimit: 3, flowLabel: nil, payload: .ipv4)
    let expected = hex(
      """
      ac000000 1000 0506 00000000 00000000
      00 00 0000 00000000 00000000 00000000
      0700 0300 7430 00 00             # IFLA_IFNAME
      8400 1280                        # IFLA_LINKINFO
        0a00 0100 697036746e6c 0000    # IFLA_INFO_KIND
        7400 0280                      # IFLA_INFO_DATA
          0500 0900 04 000000          # IFLA_IPTUN_PROTO
          1400 0200 20010db8 00000000 00000000 00000001
          1400 0300 20010db8 00000000 00000000 00000002
          0500 0400 00 000000          # IFLA_IPTUN_TTL
          0500 0600 03 000000          # IFLA_IPTUN_ENCAP_LIMIT
          0800 0700 01000000           # IFLA_IPTUN_FLOWINFO
          0800 0800 04000000           # IFLA_IPTUN_FLAGS
          0600 0f00 0000 0000          # IFLA_IPTUN_ENCAP_TYPE
          0600 1000 0000 0000          # IFLA_IPTUN_ENCAP_FLAGS
          0600 1100 0000 0000          # IFLA_IPTUN_ENCAP_SPORT
          0600 1200 0000 0000          # IFLA_IPTUN_ENCAP_DPORT
      """)
    #expect(dump(try Request.createLink("t0", .tunnel(.ip6tnl, tunnel), LinkSettings()).bytes) == dump(expected))
  }

  @Test func `to add a gretap tunnel in GUE that copies what it can`() throws {
    // ip link add t0 type gretap local 192.0.2.1 remote 198.51.100.7 ttl inherit tos inherit nopmtudisc key 7
    //   encap gue encap-sport auto encap-dport 6080 encap-csum encap-remcsum
    let tunnel = Tunnel(
      local: "192.0.2.1", remote: "198.51.100.7", tos: 1, discoversPathMTU: false, inputKey: 7, outputKey: 7,
      udp: UDPEncapsulation(.gue, destinationPort: 6080, options: [.checksum4, .remoteChecksum]))
    let expected = hex(
      """
      a4000000 1000 0506 00000000 00000000
      00 00 0000 00000000 00000000 00000000
      0700 0300 7430 00 00             # IFLA_IFNAME
      7c00 1280                        # IFLA_LINKINFO
        0a00 0100 677265746170 0000    # IFLA_INFO_KIND
        6c00 0280                      # IFLA_INFO_DATA
          0800 0400 00000007           # IFLA_GRE_IKEY
          0800 0500 00000007           # IFLA_GRE_OKEY
          0600 0200 2000 0000          # IFLA_GRE_IFLAGS
          0600 0300 2000 0000          # IFLA_GRE_OFLAGS
          0800 0600 c0000201           # IFLA_GRE_LOCAL
          0800 0700 c6336407           # IFLA_GRE_REMOTE
          0500 0a00 00 000000          # IFLA_GRE_PMTUDISC
          0500 0900 01 000000          # IFLA_GRE_TOS
          0500 0800 00 000000          # IFLA_GRE_TTL
          0600 0e00 0200 0000          # IFLA_GRE_ENCAP_TYPE
          0600 0f00 0500 0000          # IFLA_GRE_ENCAP_FLAGS
          0600 1000 0000 0000          # IFLA_GRE_ENCAP_SPORT
          0600 1100 17c0 0000          # IFLA_GRE_ENCAP_DPORT
      """)
    #expect(dump(try Request.createLink("t0", .tunnel(.gretap, tunnel), LinkSettings()).bytes) == dump(expected))
  }

  @Test func `to look for a family by its name`() throws {
    // ip fou show, with the acknowledgement that we ask for
    let expected = hex("1c000000 1000 0500 00000000 00000000  03 00 0000  0800 0200 666f75 00")
    var bytes = try Request.family(named: "fou").bytes
    bytes[17] = 0  // It gives its own version, which the kernel does not look at.
    #expect(dump(bytes) == dump(expected))
  }

  @Test(arguments: [
    // ip fou add port 6080 gue -6
    (
      FOUPort(version: .v6, port: 6080, content: .gue),
      "2c000000 2000 0500 00000000 00000000  01 01 0000  0600 0100 17c0 0000  0500 0400 02 000000  0500 0200 0a 000000"
    ),
    // ip fou add port 6081 ipproto 4
    (
      FOUPort(version: .v4, port: 6081, content: .direct(4)),
      """
      34000000 2000 0500 00000000 00000000  01 01 0000
      0600 0100 17c1 0000  0500 0400 01 000000  0500 0200 02 000000  0500 0300 04 000000
      """
    ),
  ])
  func `to open a port`(port: FOUPort, expected: String) throws {
    let family = GenericFamily(type: MessageType(rawValue: 0x20))
    #expect(dump(try family.addPort(port).bytes) == dump(hex(expected)))
  }
}

@Suite struct `Answers about Foo over UDP are read` {
  private func first<Entry>(
    _ bytes: String, _ decode: (Message) throws(MalformedMessage) -> Entry?
  ) throws -> Entry? {
    var entry: Entry?
    try Message.forEach(in: hex(bytes).span.bytes, malformed: { $0 }) { message throws(MalformedMessage) in
      entry = try decode(message)
    }
    return entry
  }

  @Test(arguments: [
    FOUPort(version: .v4, port: 6080, content: .gue), FOUPort(version: .v6, port: 1, content: .direct(41)),
  ])
  func `a port as it was written`(port: FOUPort) throws {
    let bytes = try GenericFamily(type: MessageType(rawValue: 0x20)).addPort(port).bytes
    var read: FOUPort?
    try Message.forEach(in: bytes.span.bytes, malformed: { $0 }) { message throws(MalformedMessage) in
      read = try FOUPort(message)
    }
    #expect(read == port)
  }

  @Test func `a port of a type that is not known is left out`() throws {
    let bytes =
      "2c000000 2000 0200 00000000 00000000 01 01 0000 0600 0100 17c0 0000 0500 0400 09 000000 0500 0200 02 000000"
    #expect(try first(bytes) { message throws(MalformedMessage) in try FOUPort(message) } == nil)
  }

  @Test func `a family without a number is none`() throws {
    let bytes = "1c000000 1000 0000 00000000 00000000 01 02 0000 0800 0200 666f7500"
    #expect(try first(bytes) { message throws(MalformedMessage) in try GenericFamily(message) } == nil)
    let complete = "24000000 1000 0000 00000000 00000000 01 02 0000 0800 0200 666f7500 0600 0100 2000 0000"
    let family = try first(complete) { message throws(MalformedMessage) in try GenericFamily(message) }
    #expect(family?.type.rawValue == 0x20)
  }

  @Test func `a message without room for its header is refused`() {
    #expect(throws: MalformedMessage.self) {
      try first("10000000 2000 0200 00000000 00000000") { message throws(MalformedMessage) in try FOUPort(message) }
    }
  }
}
