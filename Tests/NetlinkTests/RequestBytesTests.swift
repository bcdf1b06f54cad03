// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@testable import Netlink

// The expected bytes are those that iproute2 6.1 sends for the command in each remark, captured with
// `strace -e trace=sendmsg -e write=3`. Left out, with the lengths around them made smaller, are attributes that it
// sends with the value 0 and we do not send; its sequence number is 0 here; and nested attributes have the bit 0x8000
// that libmnl sets, as linux/netlink.h asks for, and iproute2 does not.

@Suite struct `Requests are the bytes that iproute2 sends` {
  @Test func `to add an ipip tunnel`() throws {
    // ip link add tun0 type ipip local 192.0.2.1 remote 198.51.100.7 ttl 64
    let tunnel = Tunnel(local: "192.0.2.1", remote: "198.51.100.7", ttl: 64)
    let request = try Request.createLink("tun0", .tunnel(.ipip, tunnel), LinkSettings())
    let expected = hex(
      """
      84000000 1000 0506 00000000 00000000
      00 00 0000 00000000 00000000 00000000
      0900 0300 74756e30 00 000000     # IFLA_IFNAME
      5800 1280                        # IFLA_LINKINFO
        0800 0100 69706970             # IFLA_INFO_KIND
        4c00 0280                      # IFLA_INFO_DATA
          0800 0200 c0000201           # IFLA_IPTUN_LOCAL
          0800 0300 c6336407           # IFLA_IPTUN_REMOTE
          0500 0a00 01 000000          # IFLA_IPTUN_PMTUDISC
          0500 0500 00 000000          # IFLA_IPTUN_TOS
          0500 0400 40 000000          # IFLA_IPTUN_TTL
          0600 0f00 0000 0000          # IFLA_IPTUN_ENCAP_TYPE
          0600 1000 0000 0000          # IFLA_IPTUN_ENCAP_FLAGS
          0600 1100 0000 0000          # IFLA_IPTUN_ENCAP_SPORT
          0600 1200 0000 0000          # IFLA_IPTUN_ENCAP_DPORT
      """)
    #expect(dump(request.bytes) == dump(expected))
  }

  @Test func `to add a gre tunnel with keys`() throws {
    // ip link add gre1 type gre local 192.0.2.1 remote 198.51.100.7 ttl 64 ikey 7 okey 9
    let tunnel = Tunnel(
      local: "192.0.2.1", remote: "198.51.100.7", ttl: 64, inputKey: 7, outputKey: 9)
    let request = try Request.createLink("gre1", .tunnel(.gre, tunnel), LinkSettings())
    let expected = hex(
      """
      a4000000 1000 0506 00000000 00000000
      00 00 0000 00000000 00000000 00000000
      0900 0300 67726531 00 000000     # IFLA_IFNAME
      7800 1280                        # IFLA_LINKINFO
        0700 0100 677265 00            # IFLA_INFO_KIND
        6c00 0280                      # IFLA_INFO_DATA
          0800 0400 00000007           # IFLA_GRE_IKEY
          0800 0500 00000009           # IFLA_GRE_OKEY
          0600 0200 2000 0000          # IFLA_GRE_IFLAGS
          0600 0300 2000 0000          # IFLA_GRE_OFLAGS
          0800 0600 c0000201           # IFLA_GRE_LOCAL
          0800 0700 c6336407           # IFLA_GRE_REMOTE
          0500 0a00 01 000000          # IFLA_GRE_PMTUDISC
          0500 0900 00 000000          # IFLA_GRE_TOS
          0500 0800 40 000000          # IFLA_GRE_TTL
          0600 0e00 0000 0000          # IFLA_GRE_ENCAP_TYPE
          0600 0f00 0000 0000          # IFLA_GRE_ENCAP_FLAGS
          0600 1000 0000 0000          # IFLA_GRE_ENCAP_SPORT
          0600 1100 0000 0000          # IFLA_GRE_ENCAP_DPORT
      """)
    #expect(dump(request.bytes) == dump(expected))
  }

  @Test func `to add a veth pair`() throws {
    // ip link add a0 type veth peer name a1
    let request = try Request.createLink("a0", .veth(VethPeer(name: "a1")), LinkSettings())
    let expected = hex(
      """
      54000000 1000 0506 00000000 00000000
      00 00 0000 00000000 00000000 00000000
      0700 0300 6130 00 00             # IFLA_IFNAME
      2c00 1280                        # IFLA_LINKINFO
        0800 0100 76657468             # IFLA_INFO_KIND
        2000 0280                      # IFLA_INFO_DATA
          1c00 0180                    # VETH_INFO_PEER, starting with a link header
            00 00 0000 00000000 00000000 00000000
            0700 0300 6131 00 00       # IFLA_IFNAME
      """)
    #expect(dump(request.bytes) == dump(expected))
  }

  @Test func `to add a VLAN`() throws {
    // ip link add link lo name v7 type vlan id 7, without the link below, which is not written
    let expected = hex(
      """
      40000000 1000 0506 00000000 00000000
      00 00 0000 00000000 00000000 00000000
      0700 0300 7637 00 00             # IFLA_IFNAME
      1800 1280                        # IFLA_LINKINFO
        0800 0100 766c616e             # IFLA_INFO_KIND
        0c00 0280                      # IFLA_INFO_DATA
          0600 0100 0700 0000          # IFLA_VLAN_ID
      """)
    let request = try Request.createLink("v7", .vlan(VLAN(identifier: 7)), LinkSettings())
    #expect(dump(request.bytes) == dump(expected))
  }

  @Test func `to add a vxlan link`() throws {
    // ip link add vx0 type vxlan id 42 local 10.0.0.1 remote 10.0.0.2 dstport 4789
    let vxlan = VXLAN(identifier: 42, local: "10.0.0.1", remote: "10.0.0.2")
    let request = try Request.createLink("vx0", .vxlan(vxlan), LinkSettings())
    let expected = hex(
      """
      64000000 1000 0506 00000000 00000000
      00 00 0000 00000000 00000000 00000000
      0800 0300 76783000               # IFLA_IFNAME
      3c00 1280                        # IFLA_LINKINFO
        0900 0100 7678 6c61 6e 000000  # IFLA_INFO_KIND
        2c00 0280                      # IFLA_INFO_DATA
          0800 0100 2a000000           # IFLA_VXLAN_ID
          0800 0400 0a000001           # IFLA_VXLAN_LOCAL
          0800 0200 0a000002           # IFLA_VXLAN_GROUP
          0500 0700 01 000000          # IFLA_VXLAN_LEARNING
          0600 0f00 12b5 0000          # IFLA_VXLAN_PORT
      """)
    #expect(dump(request.bytes) == dump(expected))
  }

  @Test func `to add an address`() throws {
    // ip addr add 10.0.0.9/24 dev v0
    let address = InterfaceAddress(
      interface: InterfaceIndex(rawValue: 3), prefix: "10.0.0.9/24", protocol: .unspecified)
    let expected = hex(
      """
      28000000 1400 0506 00000000 00000000
      02 18 00 00 03000000
      0800 0200 0a000009               # IFA_LOCAL
      0800 0100 0a000009               # IFA_ADDRESS
      """)
    #expect(dump(try Request.addAddress(address, replacing: false).bytes) == dump(expected))
  }

  @Test func `to add an IPv6 address that is never a source`() throws {
    // ip addr add 2001:db8:f::80/128 dev lo nodad preferred_lft 0; it puts IFA_F_NODAD into the header instead
    let address = InterfaceAddress(
      interface: InterfaceIndex(rawValue: 1), prefix: "2001:db8:f::80/128",
      flags: [.noDuplicateDetection, .deprecated], protocol: .unspecified)
    let expected = hex(
      """
      5c000000 1400 0506 00000000 00000000
      0a 80 00 00 01000000
      1400 0200 20010db8 000f0000 00000000 00000080
      1400 0100 20010db8 000f0000 00000000 00000080
      0800 0800 22000000               # IFA_FLAGS
      1400 0600 00000000 ffffffff 00000000 00000000
      """)
    #expect(dump(try Request.addAddress(address, replacing: false).bytes) == dump(expected))
  }

  @Test func `to add a route with metrics`() throws {
    // ip route add 203.0.113.0/24 via 10.0.0.2 dev v0 table 300 proto 197 advmss 1440 mtu 1480
    let route = Route(
      destination: "203.0.113.0/24", gateway: "10.0.0.2", interface: InterfaceIndex(rawValue: 3),
      table: RouteTable(rawValue: 300), metrics: RouteMetrics(mtu: 1480, advertisedMSS: 1440))
    let expected = hex(
      """
      50000000 1800 0506 00000000 00000000
      02 18 00 00 00 c5 00 01 00000000
      0800 0100 cb007100               # RTA_DST
      0800 0500 0a000002               # RTA_GATEWAY
      0800 0f00 2c010000               # RTA_TABLE
      0800 0400 03000000               # RTA_OIF
      1400 0880                        # RTA_METRICS
        0800 0800 a0050000             # RTAX_ADVMSS
        0800 0200 c8050000             # RTAX_MTU
      """)
    #expect(dump(try Request.addRoute(route, replacing: false).bytes) == dump(expected))
  }

  @Test func `to add an IPv6 route`() throws {
    // ip -6 route add 2001:db8::/32 via fe80::1 dev v0 proto 197
    let route = Route(
      destination: "2001:db8::/32", gateway: "fe80::1", interface: InterfaceIndex(rawValue: 3))
    let expected = hex(
      """
      4c000000 1800 0506 00000000 00000000
      0a 20 00 00 fe c5 00 01 00000000
      1400 0100 20010db8 00000000 00000000 00000000
      1400 0500 fe800000 00000000 00000000 00000001
      0800 0400 03000000
      """)
    #expect(dump(try Request.addRoute(route, replacing: false).bytes) == dump(expected))
  }

  @Test func `to add a rule`() throws {
    // ip rule add from 203.0.113.80/32 table 300 protocol 197 priority 100
    let rule = RoutingRule(
      version: .v4, source: "203.0.113.80/32", table: RouteTable(rawValue: 300), priority: 100)
    let expected = hex(
      """
      3c000000 2000 0506 00000000 00000000
      02 00 20 00 00 00 00 01 00000000
      0800 0200 cb007150               # FRA_SRC
      0800 0f00 2c010000               # FRA_TABLE
      0500 1500 c5 000000              # FRA_PROTOCOL
      0800 0600 64000000               # FRA_PRIORITY
      """)
    #expect(dump(try Request.addRule(rule).bytes) == dump(expected))
  }

  @Test func `to add a neighbour`() throws {
    // ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent
    let neighbour = Neighbour(
      interface: InterfaceIndex(rawValue: 3), address: "10.0.0.2", macAddress: MACAddress(bits: 0x0200_0000_0002))
    let expected = hex(
      """
      30000000 1c00 0506 00000000 00000000
      02 00 0000 03000000 8000 00 00
      0800 0100 0a000002               # NDA_DST
      0a00 0200 020000000002 0000      # NDA_LLADDR
      """)
    #expect(dump(try Request.addNeighbour(neighbour, replacing: false).bytes) == dump(expected))
  }

  @Test func `to put a link into a group`() throws {
    // ip link set dev lo group 77
    let expected = hex("28000000 1000 0500 00000000 00000000 00 00 0000 01000000 00000000 00000000 0800 1b00 4d000000")
    let settings = LinkSettings(group: LinkGroup(rawValue: 77))
    #expect(dump(try Request.setLink(InterfaceIndex(rawValue: 1), settings).bytes) == dump(expected))
  }

  @Test func `to remove a group of links`() throws {
    // ip link delete group 77
    let expected = hex("28000000 1100 0500 00000000 00000000 00 00 0000 00000000 00000000 00000000 0800 1b00 4d000000")
    #expect(dump(try Request.deleteLinks(in: LinkGroup(rawValue: 77)).bytes) == dump(expected))
  }

  @Test func `to change a link, those to make it with its number instead of the wish for a new one`() throws {
    // ip link change dev t0 type ipip …, which looks the number up and puts it into the header
    let ipip = LinkInfo.tunnel(.ipip, Tunnel(local: "192.0.2.1", remote: "198.51.100.7", ttl: 64))
    var expected = try Request.createLink("", ipip, LinkSettings()).bytes
    expected.removeSubrange(32..<40)
    expected[0] -= 8
    expected.replaceSubrange(6..<8, with: [0x05, 0x00])
    expected[20] = 3
    let request = try Request.changeLink(InterfaceIndex(rawValue: 3), ipip, LinkSettings())
    #expect(dump(request.bytes) == dump(expected))
  }

  @Test(arguments: [4000, 5000, 65_000]) func `of any length that an attribute can have`(length: Int) throws {
    let settings = LinkSettings(alias: String(repeating: "x", count: length))
    let bytes = try Request.setLink(InterfaceIndex(rawValue: 3), settings).bytes
    #expect(bytes.count == 32 + 4 + length && bytes.last == UInt8(ascii: "x"))
  }

  @Test func `a request too long to send is refused whole`() throws {
    let settings = LinkSettings(alias: String(repeating: "x", count: 65_536))
    let error = #expect(throws: NetlinkError.self) { try Request.setLink(InterfaceIndex(rawValue: 3), settings) }
    #expect(error?.description == "cannot change link 3: Message too long")
  }

  @Test func `the sequence number stands where replies repeat it`() throws {
    var request = try Request.deleteLink(InterfaceIndex(rawValue: 3))
    request.sequence = 0x0102_0304
    #expect(Array(request.bytes[8..<12]) == [4, 3, 2, 1])
    #expect(request.sequence == 0x0102_0304)
  }
}
