// SPDX-License-Identifier: MIT
import Netlink
import Testing
import Wire

@testable import Provisioning

struct `What a real server changes` {
  private func arrangement(
    _ decapsulation: Decapsulation, loosens: Bool = false, _ encapsulation: Delivery = .ipip
  ) throws -> RealServerArrangement {
    let request = RealServerRequest(
      virtualAddresses: [try prefix("203.0.113.80"), try prefix("203.0.113.81")],
      directors: [try prefix("192.0.2.10"), try prefix("192.0.2.11")], interface: "eth0", encapsulation: encapsulation,
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
      ["192.0.2.10"], ["192.0.2.10"],
      "192.0.2.10 is given twice: virtual addresses, directors and --local all differ"
    ),
  ])
  func `a request that cannot be meant is refused`(vips: [String], directors: [String], reason: String) throws {
    let request = RealServerRequest(
      virtualAddresses: try vips.map(prefix), directors: try directors.map(prefix), interface: "eth0",
      bpffs: "/sys/fs/bpf")
    let error = #expect(throws: ProvisioningError.self) { try request.validate() }
    #expect(error?.description == reason)
  }
}

struct `What a real server changes for GUE and IPv6` {
  private func commands(
    _ encapsulation: Delivery, vips: [String], directors: [String], endpoints: [String], port: UInt16? = nil
  ) throws -> [String] {
    let request = RealServerRequest(
      virtualAddresses: try vips.map(prefix), directors: try directors.map(prefix), interface: "eth0",
      encapsulation: encapsulation, port: port, bpffs: "/sys/fs/bpf")
    let arrangement = RealServerArrangement(
      request: request, decapsulation: .kernel, endpoints: try endpoints.map(ip), loosensReversePathFilter: false)
    return arrangement.changes.flatMap(\.commands)
  }

  @Test func `one device for each director carries both versions of IP`() throws {
    #expect(
      try commands(
        .gue, vips: ["203.0.113.80", "2001:db8:f::80"], directors: ["192.0.2.10", "2001:db8:a::10"],
        endpoints: ["10.1.0.11", "2001:db8:b::11"]) == [
          "ip fou add port 6080 gue",
          "ip fou add port 6080 gue -6",
          """
          ip link add name culvert0 type sit mode any local 10.1.0.11 remote 192.0.2.10 ttl 64 tos inherit \
          encap gue encap-sport auto encap-dport 6080
          """,
          "ip link set dev culvert0 up alias culvert",
          """
          ip link add name culvert1 type ip6tnl mode any local 2001:db8:b::11 remote 2001:db8:a::10 ttl 64 tos inherit \
          encaplimit none encap gue encap-sport auto encap-dport 6080
          """,
          "ip link set dev culvert1 up alias culvert",
          "sysctl -w net.ipv4.conf.culvert0.rp_filter=2",
          "sysctl -w net.ipv4.conf.culvert1.rp_filter=2",
          "sysctl -w net.ipv4.conf.eth0.arp_ignore=1",
          "sysctl -w net.ipv4.conf.eth0.arp_announce=2",
          "ip address add 203.0.113.80/32 dev culvert0 scope host",
          "ip address add 203.0.113.80/32 dev culvert1 scope host",
          "ip address add 2001:db8:f::80/128 dev lo nodad preferred_lft 0",
        ])
  }

  @Test func `IPv6 alone needs no settings`() throws {
    #expect(
      try commands(
        .fou, vips: ["2001:db8:f::80"], directors: ["192.0.2.10"], endpoints: ["10.1.0.11", "2001:db8:b::11"],
        port: 5555) == [
          "ip fou add port 5555 gue",
          """
          ip link add name culvert0 type sit mode ip6ip local 10.1.0.11 remote 192.0.2.10 ttl 64 tos inherit \
          encap fou encap-sport auto encap-dport 5555
          """,
          "ip link set dev culvert0 up alias culvert",
          "ip address add 2001:db8:f::80/128 dev lo nodad preferred_lft 0",
        ])
  }

  @Test(
    arguments: [
      (.ipip, 7, nil, .auto, "ipip has no key: leave --key out, or use --encapsulation gre"),
      (.gre, nil, 6080, .auto, "gre has no port: leave --port out, or use --encapsulation gue or fou"),
      (.gue, nil, 0, .auto, "UDP has no port 0: give 1 to 65535, or leave --port out"),
      (.l2, nil, nil, .auto, "l2 has no tunnel, which --director is about: leave --director out"),
    ] as [(Delivery, UInt32?, UInt16?, RealServerRequest.Choice, String)])
  func `options that do not go together are refused`(
    encapsulation: Delivery, key: UInt32?, port: UInt16?, choice: RealServerRequest.Choice, reason: String
  ) throws {
    let request = RealServerRequest(
      virtualAddresses: [try prefix("203.0.113.80")], directors: [try prefix("192.0.2.10")], interface: "eth0",
      encapsulation: encapsulation, key: key, port: port, decapsulation: choice, bpffs: "/sys/fs/bpf")
    let error = #expect(throws: ProvisioningError.self) { try request.validate() }
    #expect(error?.description == reason)
  }
}

struct `What a real server changes for ranges and without tunnels` {
  private func request(
    _ encapsulation: Delivery, vips: [String], directors: [String] = [],
    _ choice: RealServerRequest.Choice = .auto
  ) throws -> RealServerRequest {
    RealServerRequest(
      virtualAddresses: try vips.map(prefix), directors: try directors.map(prefix), interface: "eth0",
      encapsulation: encapsulation, decapsulation: choice, bpffs: "/sys/fs/bpf")
  }

  @Test func `a range of virtual addresses is a route, and the decapsulator knows what the directors send`() throws {
    var request = try request(
      .gue, vips: ["203.0.113.64/28", "2001:db8:80::/64", "2001:db8::80"], directors: ["192.0.2.0/28"])
    request.port = 5555
    try request.validate()
    let arrangement = RealServerArrangement(
      request: request, decapsulation: .bpf, endpoints: [try ip("10.1.0.11")], loosensReversePathFilter: false)
    #expect(
      arrangement.changes.flatMap(\.commands) == [
        "sysctl -w net.ipv4.conf.eth0.arp_ignore=1",
        "sysctl -w net.ipv4.conf.eth0.arp_announce=2",
        "ip route add local 203.0.113.64/28 dev lo proto 197",
        "ip route add local 2001:db8:80::/64 dev lo proto 197",
        "ip address add 2001:db8::80/128 dev lo nodad preferred_lft 0",
        "# attach Culvert's decapsulator to eth0, with pins below /sys/fs/bpf",
      ])
    #expect(arrangement.attachedDecapsulator.port == 5555)
    #expect(arrangement.attachedDecapsulator.directors == [try prefix("192.0.2.0/28")])
  }

  @Test func `the decapsulator knows the key`() throws {
    var request = try request(.gre, vips: ["203.0.113.80"], directors: ["2001:db8::10"], .bpf)
    request.key = 7
    try request.validate()
    let arrangement = RealServerArrangement(
      request: request, decapsulation: .bpf, endpoints: [], loosensReversePathFilter: false)
    #expect(arrangement.attachedDecapsulator.key == 7 && arrangement.attachedDecapsulator.port == nil)
  }

  @Test func `without a tunnel there are the virtual addresses and the silence about them`() throws {
    let request = try request(.l2, vips: ["203.0.113.80", "2001:db8::80"])
    try request.validate()
    let arrangement = RealServerArrangement(
      request: request, decapsulation: .unneeded, endpoints: [], loosensReversePathFilter: false)
    #expect(
      arrangement.changes.flatMap(\.commands) == [
        "sysctl -w net.ipv4.conf.eth0.arp_ignore=1",
        "sysctl -w net.ipv4.conf.eth0.arp_announce=2",
        "ip address add 203.0.113.80/32 dev lo scope host",
        "ip address add 2001:db8::80/128 dev lo nodad preferred_lft 0",
      ])
  }

  @Test(arguments: [
    (
      "203.0.113.80", "192.0.2.0/28",
      "a tunnel device of the kernel takes packets from one address, and 192.0.2.0/28 is many: use --decapsulate bpf"
    ),
    (
      "203.0.113.64/28", "192.0.2.10",
      """
      a tunnel device of the kernel holds each virtual address by itself, and 203.0.113.64/28 is many: \
      use --decapsulate bpf
      """
    ),
    (
      "203.0.113.80", "192.0.2.10/28",
      "192.0.2.10/28 has bits behind its length: give 192.0.2.0/28, or the address alone"
    ),
  ])
  func `ranges that cannot be are refused`(vip: String, director: String, reason: String) throws {
    let request = try request(.ipip, vips: [vip], directors: [director], .kernel)
    let error = #expect(throws: ProvisioningError.self) { try request.validate() }
    #expect(error?.description == reason)
  }
}

struct `A missing driver` {
  @Test func `is told with its module, and with what Culvert has instead`() {
    #expect(
      MissingDriver(driver: "gre", module: "ip_gre").description == """
        the kernel has no gre driver: load it with 'modprobe ip_gre', or, to receive on a real server without it, \
        use 'culvert real up --decapsulate bpf'
        """)
    #expect(
      MissingDriver(driver: "fou", module: "fou").description
        == """
        the kernel has no fou driver: load it with 'modprobe fou', or, to receive on a real server without it, \
        use 'culvert real up --decapsulate bpf'
        """)
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
      (1500, .ipip, .v4, false, 1480), (1500, .gre, .v4, false, 1476), (1500, .gre, .v4, true, 1472),
      (1500, .fou, .v4, false, 1472), (1500, .gue, .v4, false, 1468), (1500, .ipip, .v6, false, 1460),
      (1500, .gre, .v6, false, 1456), (1500, .gre, .v6, true, 1452), (1500, .fou, .v6, false, 1452),
      (1500, .gue, .v6, false, 1448), (9000, .ipip, .v4, false, 8980), (65_536, .ipip, .v4, false, 65_515),
      (80, .gre, .v4, false, 68), (10, .gre, .v4, false, 68),
    ] as [(UInt32, TunnelProtocol, IPVersion, Bool, UInt32)])
  func `the MTU is the path's less the overhead`(
    path: UInt32, tunnelProtocol: TunnelProtocol, outer: IPVersion, hasKey: Bool, mtu: UInt32
  ) {
    #expect(TunnelSetup.mtu(path: path, overhead: tunnelProtocol.overhead(outer: outer, hasKey: hasKey)) == mtu)
  }

  @Test func `what no tunnel can do is refused with the reason`() throws {
    try expectRefusal("ipip has no key: leave --key out, or use --kind gre") { $0.key = 1 }
    try expectRefusal("ipip has no port: leave --port out, or use --kind gue or fou") { $0.port = 1 }
    try expectRefusal("both ends of a tunnel have one IP version, which 192.0.2.10 and 2001:db8::7 have not") {
      $0.remote = try ip("2001:db8::7")
    }
    try expectRefusal(
      "the route to 2001:db8::/65 through site-b would lead its own packets to 2001:db8::7 into itself"
    ) {
      ($0.local, $0.remote) = (try ip("2001:db8::a"), try ip("2001:db8::7"))
      $0.routes = [try prefix("2001:db8:0:0:8000::/65"), try prefix("2001:db8::/65")]
    }
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

  @Test(
    arguments: [
      (["10.8.0.0/16"], .ipip, "type ipip local"), (["2001:db8::/64"], .ipip, "type sit mode ip6ip local"),
      (["10.8.0.0/16", "2001:db8::/64"], .fou, "type sit mode any local"), (["2001:db8::/64"], .gre, "type gre local"),
    ] as [([String], TunnelProtocol, String)])
  func `the device is one that carries what is routed through it`(
    routes: [String], tunnelProtocol: TunnelProtocol, words: String
  ) throws {
    var setup = try setup(tunnelProtocol)
    setup.routes = try routes.map(prefix)
    #expect(try setup.commands(NetlinkConnection()).contains { $0.contains(words) })
  }

  @Test func `GUE over IPv6 comes with a port to receive at`() throws {
    var setup = TunnelSetup(
      name: "site-b", tunnelProtocol: .gue, local: try ip("2001:db8::a"), remote: try ip("2001:db8::b"))
    (setup.mtu, setup.port) = (1400, 5555)
    #expect(
      try setup.commands(NetlinkConnection()) == [
        "ip fou add port 5555 gue -6",
        """
        ip link add name site-b mtu 1400 type ip6tnl mode any local 2001:db8::a remote 2001:db8::b ttl 64 tos inherit \
        encaplimit none encap gue encap-sport auto encap-dport 5555
        """,
        "ip link set dev site-b up alias culvert",
      ])
  }

  @Test func `an IPv6 route asks for an MTU that IPv6 works with`() throws {
    var setup = try setup(.gre)
    (setup.mtu, setup.routes) = (1279, [try prefix("2001:db8::/64")])
    let error = #expect(throws: ProvisioningError.self) { try setup.changes(NetlinkConnection()) }
    #expect(error?.description == "an MTU of 1279 is not between 1280 and 65511")
  }
}
