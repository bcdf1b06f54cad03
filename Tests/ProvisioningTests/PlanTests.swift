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
        """
        nft 'table inet culvert { chain tunnelled { ip daddr 203.0.113.80 accept; ip daddr 203.0.113.81 accept; drop; }; \
        chain incoming { type filter hook prerouting priority -450; policy accept; iifname "culvert0" jump tunnelled; \
        iifname "culvert1" jump tunnelled; }; }'
        """,
        "ip link add name culvert0 type ipip local 10.1.0.11 remote 192.0.2.10 ttl 64 tos inherit",
        "ip link set dev culvert0 up alias culvert-real",
        "ip link add name culvert1 type ipip local 10.1.0.11 remote 192.0.2.11 ttl 64 tos inherit",
        "ip link set dev culvert1 up alias culvert-real",
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
    let commands = try arrangement(.kernel, .gre).changes.flatMap(\.commands)
    #expect(commands.contains { $0.contains("type gre local") })
  }

  @Test func `every interface on which neighbours may ask is silent`() throws {
    var arrangement = try arrangement(.bpf)
    arrangement.otherInterfaces = ["eth1"]
    let commands: [String] = arrangement.changes.flatMap(\.commands)
    #expect(
      commands.filter { $0.contains("eth1") } == [
        "sysctl -w net.ipv4.conf.eth1.arp_ignore=1", "sysctl -w net.ipv4.conf.eth1.arp_announce=2",
      ])
  }

  @Test func `routes for answers come before the rules that use them, and both before the addresses`() throws {
    var arrangement = try arrangement(.bpf)
    let hop = ReturnRoute.Hop(gateway: try ip("10.1.0.1"), link: "eth0")
    var route = ReturnRoute(destination: try prefix("0.0.0.0/0"), hops: [hop])
    route.advertisedMSS = 1440
    arrangement.returns = [
      ReturnRoutes(
        version: .v4, maximumSegment: 1440, routes: [route, ReturnRoute(destination: try prefix("10.9.0.0/16"))])
    ]
    let commands: [String] = arrangement.changes.flatMap(\.commands)
    #expect(
      commands.filter { !$0.hasPrefix("sysctl") }.prefix(5) == [
        "ip route replace 0.0.0.0/0 via 10.1.0.1 dev eth0 advmss 1440 table 197 proto 197",
        "ip route replace throw 10.9.0.0/16 table 197 proto 197",
        "ip rule add from 203.0.113.80/32 lookup 197 priority 32765 protocol 197",
        "ip rule add from 203.0.113.81/32 lookup 197 priority 32765 protocol 197",
        "ip address add 203.0.113.80/32 dev lo scope host",
      ])
  }

  @Test func `a route with several next hops is one line`() throws {
    var route = ReturnRoute(
      destination: try prefix("0.0.0.0/0"),
      hops: [
        .init(gateway: try ip("10.1.0.1"), link: "eth0"),
        .init(gateway: try ip("fe80::1"), link: "eth1", weight: 2, isOnLink: true),
      ])
    (route.priority, route.mtu, route.advertisedMSS) = (100, 1400, 1340)
    #expect(
      route.words == """
        0.0.0.0/0 metric 100 mtu 1400 advmss 1340 table 197 proto 197 nexthop via 10.1.0.1 dev eth0 weight 1 \
        nexthop via inet6 fe80::1 dev eth1 onlink weight 2
        """)
  }

  @Test func `the unit runs the command at boot, with its words as systemd reads them`() {
    var unit = BootUnit(
      directory: "/u", command: ["/usr/bin/culvert", "real", "up", "--config", "/etc/a b/100%.yaml"],
      stateDirectory: "/run/culvert")
    unit.modules = ["fou"]
    let lines = unit.text.split(separator: "\n")
    #expect(
      lines.contains(
        #"ExecStart=/usr/bin/culvert real up --config "/etc/a b/100%%.yaml" --state-directory /run/culvert"#))
    #expect(lines.contains("After=network-online.target modprobe@fou.service"))
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
          """
          nft 'table inet culvert { chain tunnelled { ip daddr 203.0.113.80 accept; ip6 daddr 2001:db8:f::80 accept; \
          drop; }; chain incoming { type filter hook prerouting priority -450; policy accept; iifname "culvert0" jump \
          tunnelled; iifname "culvert1" jump tunnelled; ip saddr 192.0.2.10 udp dport 6080 accept; \
          ip6 saddr 2001:db8:a::10 udp dport 6080 accept; udp dport 6080 drop; }; }'
          """,
          "ip fou add port 6080 gue",
          "ip fou add port 6080 gue -6",
          """
          ip link add name culvert0 type sit mode any local 10.1.0.11 remote 192.0.2.10 ttl 64 tos inherit \
          encap gue encap-sport auto encap-dport 6080
          """,
          "ip link set dev culvert0 up alias culvert-real",
          """
          ip link add name culvert1 type ip6tnl mode any local 2001:db8:b::11 remote 2001:db8:a::10 ttl 64 tos inherit \
          encaplimit none encap gue encap-sport auto encap-dport 6080
          """,
          "ip link set dev culvert1 up alias culvert-real",
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
          """
          nft 'table inet culvert { chain tunnelled { ip6 daddr 2001:db8:f::80 accept; drop; }; chain incoming { type \
          filter hook prerouting priority -450; policy accept; iifname "culvert0" jump tunnelled; \
          ip saddr 192.0.2.10 udp dport 5555 accept; udp dport 5555 drop; }; }'
          """,
          "ip fou add port 5555 gue",
          """
          ip link add name culvert0 type sit mode ip6ip local 10.1.0.11 remote 192.0.2.10 ttl 64 tos inherit \
          encap fou encap-sport auto encap-dport 5555
          """,
          "ip link set dev culvert0 up alias culvert-real",
          "ip address add 2001:db8:f::80/128 dev lo nodad preferred_lft 0",
        ])
  }

  @Test(
    arguments: [
      (.ipip, 7, nil, .auto, "ipip has no key: leave --key out, or use --encapsulation gre"),
      (.gre, nil, 6080, .auto, "gre has no port: leave --port out, or use --encapsulation gue or fou"),
      (.gue, nil, 0, .auto, "UDP has no port 0: give 1 to 65535, or leave --port out"),
      (.ipip, nil, 6080, .kernel, "ipip has no port: leave --port out, or use --encapsulation gue or fou"),
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
