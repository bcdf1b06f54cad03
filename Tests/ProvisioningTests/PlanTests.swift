// SPDX-License-Identifier: MIT
import Netlink
import Testing
import Wire

@testable import Provisioning

struct `What a real server changes` {
  private func arrangement(
    _ decapsulation: Decapsulation, loosens: Bool = false, _ encapsulation: TunnelProtocol = .ipip
  ) throws -> RealServerArrangement {
    let request = RealServerRequest(
      virtualAddresses: [try ip("203.0.113.80"), try ip("203.0.113.81")],
      directors: [try ip("192.0.2.10"), try ip("192.0.2.11")], interface: "eth0", encapsulation: encapsulation,
      bpffs: "/sys/fs/bpf")
    return RealServerArrangement(
      request: request, decapsulation: decapsulation, endpoints: [try ip("10.1.0.11")],
      loosensReversePathFilter: loosens)
  }

  @Test func `the kernel gets a tunnel per director, and none that takes from anybody`() throws {
    #expect(
      try arrangement(.kernel).changes.flatMap(\.commands) == [
        "ip link add name culvert0 type ipip local 10.1.0.11 remote 192.0.2.10 ttl 64 tos inherit",
        "ip link set dev culvert0 up alias culvert",
        "ip link add name culvert1 type ipip local 10.1.0.11 remote 192.0.2.11 ttl 64 tos inherit",
        "ip link set dev culvert1 up alias culvert",
        "sysctl -w net.ipv4.conf.culvert0.rp_filter=2",
        "sysctl -w net.ipv4.conf.culvert1.rp_filter=2",
        "sysctl -w net.ipv4.conf.eth0.arp_ignore=1",
        "sysctl -w net.ipv4.conf.eth0.arp_announce=2",
        "ip address add 203.0.113.80/32 dev culvert0 scope host",
        "ip address add 203.0.113.81/32 dev culvert0 scope host",
        "ip address add 203.0.113.80/32 dev culvert1 scope host",
        "ip address add 203.0.113.81/32 dev culvert1 scope host",
      ])
  }

  @Test func `Culvert's decapsulator comes last, and the virtual addresses after the silence about them`() throws {
    #expect(
      try arrangement(.bpf, loosens: true).changes.flatMap(\.commands) == [
        "sysctl -w net.ipv4.conf.eth0.arp_ignore=1",
        "sysctl -w net.ipv4.conf.eth0.arp_announce=2",
        "sysctl -w net.ipv4.conf.eth0.rp_filter=2",
        "ip address add 203.0.113.80/32 dev lo scope host",
        "ip address add 203.0.113.81/32 dev lo scope host",
        "# attach Culvert's decapsulator to eth0, with pins below /sys/fs/bpf",
      ])
  }

  @Test func `the kernel's tunnels may be of GRE`() throws {
    #expect(try arrangement(.kernel, .gre).changes.first?.commands.first?.contains("type gre local") == true)
  }

  @Test func `a setting of an interface with a dot in its name is written as sysctl takes it`() {
    let setting = InterfaceSetting(interface: "eth0.7", name: "arp_ignore", value: 1, previous: "0")
    #expect(setting.commands == ["sysctl -w net/ipv4/conf/eth0.7/arp_ignore=1  # was 0"])
  }

  @Test(arguments: [
    ([], ["192.0.2.10"], "a real server needs a virtual address: give --vip"),
    (["203.0.113.80"], [], "a real server needs a director: give --director"),
    (
      ["2001:db8::1"], ["192.0.2.10"],
      "2001:db8::1 is an IPv6 address: real servers serve IPv4 in IPv4 so far"
    ),
    (
      ["192.0.2.10"], ["192.0.2.10"],
      "192.0.2.10 is given twice: virtual addresses, directors and --local all differ"
    ),
  ])
  func `a request that cannot be meant is refused`(vips: [String], directors: [String], reason: String) throws {
    let request = RealServerRequest(
      virtualAddresses: try vips.map(ip), directors: try directors.map(ip), interface: "eth0", bpffs: "/sys/fs/bpf")
    let error = #expect(throws: ProvisioningError.self) { try request.validate() }
    #expect(error?.description == reason)
  }
}

struct `What a tunnel changes` {
  private func setup(_ tunnelProtocol: TunnelProtocol) throws -> TunnelSetup {
    var setup = TunnelSetup(
      name: "site-b", tunnelProtocol: tunnelProtocol, local: try ip("192.0.2.10"), remote: try ip("198.51.100.7"))
    setup.mtu = 1400
    return setup
  }

  @Test func `a whole tunnel as ip(8) would make it`() throws {
    var setup = try setup(.gre)
    (setup.key, setup.device, setup.tos, setup.ttl) = (42, "eth0", 0x10, 32)
    setup.addresses = [try prefix("10.9.0.1/30"), try prefix("2001:db8::1/64")]
    setup.routes = [try prefix("10.8.0.0/16")]
    #expect(
      try setup.commands(NetlinkConnection()) == [
        """
        ip link add name site-b mtu 1400 type gre local 192.0.2.10 remote 198.51.100.7 key 42 ttl 32 tos 0x10 dev eth0
        """,
        "ip link set dev site-b up alias culvert",
        "ip address add 10.9.0.1/30 dev site-b",
        "ip address add 2001:db8::1/64 dev site-b",
        "ip route add 10.8.0.0/16 dev site-b proto 197",
      ])
  }

  @Test(
    arguments: [
      (1500, TunnelProtocol.ipip, false, 1480), (1500, .gre, false, 1476), (1500, .gre, true, 1472),
      (9000, .ipip, false, 8980), (65_536, .ipip, false, 65_515), (80, .gre, false, 68), (10, .gre, false, 68),
    ] as [(UInt32, TunnelProtocol, Bool, UInt32)])
  func `the MTU is the path's less the overhead`(
    path: UInt32, tunnelProtocol: TunnelProtocol, hasKey: Bool, mtu: UInt32
  ) {
    #expect(TunnelSetup.mtu(path: path, overhead: tunnelProtocol.overhead(hasKey: hasKey)) == mtu)
  }

  @Test func `what no tunnel can do is refused with the reason`() throws {
    try expectRefusal("ipip has no key: leave --key out, or use --kind gre") { $0.key = 1 }
    try expectRefusal("ipip carries IPv4 alone, not 2001:db8::/64: use --kind gre") {
      $0.routes = [try prefix("2001:db8::/64")]
    }
    try expectRefusal("the ends of ipip tunnels are IPv4 addresses") { $0.remote = try ip("2001:db8::7") }
    try expectRefusal("a tunnel needs two ends, and both are 192.0.2.10") { $0.remote = $0.local }
    try expectRefusal("an MTU of 67 is not between 68 and 65515") { $0.mtu = 67 }
    try expectRefusal(
      "the route to 198.51.100.0/24 through site-b would lead its own packets to 198.51.100.7 into itself"
    ) {
      $0.routes = [try prefix("198.51.100.0/24")]
    }
  }

  private func expectRefusal(_ reason: String, _ change: (inout TunnelSetup) throws -> Void) throws {
    var setup = try setup(.ipip)
    try change(&setup)
    let error = #expect(throws: ProvisioningError.self) { try setup.changes(NetlinkConnection()) }
    #expect(error?.description == reason)
  }

  @Test func `an IPv6 route asks for an MTU that IPv6 works with`() throws {
    var setup = try setup(.gre)
    (setup.mtu, setup.routes) = (1279, [try prefix("2001:db8::/64")])
    let error = #expect(throws: ProvisioningError.self) { try setup.changes(NetlinkConnection()) }
    #expect(error?.description == "an MTU of 1279 is not between 1280 and 65511")
  }
}
