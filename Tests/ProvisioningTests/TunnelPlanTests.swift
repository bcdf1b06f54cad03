// SPDX-License-Identifier: MIT
import Testing
import Wire

@testable import Netlink
@testable import Provisioning

/// The plan of `request` on a host with `setups`. No route is looked up where an MTU is given.
private func plan(_ request: TunnelRequest, on host: TunnelHost = TunnelHost([])) throws -> TunnelPlan {
  try TunnelControl(NetlinkConnection()).plan(request, on: host)
}

private func commands(_ setup: TunnelSetup) throws -> [String] { try plan(.add(setup)).commands }

struct `What a tunnel takes` {
  @Test func `a whole tunnel as ip(8) would make it`() throws {
    let setup = try TunnelSetup.example(.gre) {
      ($0.link.key, $0.link.device, $0.link.tos, $0.link.ttl) = (42, "eth0", 0x10, 32)
      $0.addresses = [try prefix("10.9.0.1/30"), try prefix("2001:db8::1/64")]
      $0.routes = [TunnelRoute(try prefix("10.8.0.0/16"), via: try ip("10.9.0.2"), metric: 50)]
    }
    #expect(
      try commands(setup) == [
        """
        ip link add name site-b mtu 1400 type gre local 192.0.2.10 remote 198.51.100.7 key 42 ttl 32 tos 0x10 dev eth0
        """,
        "ip link set dev site-b up alias culvert",
        "ip address add 10.9.0.1/30 dev site-b",
        "ip address add 2001:db8::1/64 dev site-b",
        "ip route add 10.8.0.0/16 via 10.9.0.2 dev site-b metric 50 proto 197",
      ])
  }

  @Test(
    arguments: [
      (.ipip, "type ipip local 192.0.2.10"), (.sit, "type sit mode any local"), (.gre, "type gre local"),
      (.gretap, "type gretap local"), (.ip6tnl, "type ip6tnl mode any local 2001:db8:1::10 remote 2001:db8:2::7"),
      (.ip6gre, "type ip6gre local"), (.ip6gretap, "type ip6gretap local"),
    ] as [(Tunnel.Kind, String)])
  func `every kind has its device, and no limit of encapsulation`(kind: Tunnel.Kind, words: String) throws {
    let command = try #require(try commands(.example(kind)).first)
    #expect(command.contains(words))
    #expect(command.contains("encaplimit none") == (kind.outer == .v6))
  }

  @Test(
    arguments: [
      (.ipip, .fou, 6080, "ip fou add port 6080 gue"), (.sit, .gue, 5555, "ip fou add port 5555 gue"),
      (.gre, .gue, 6080, "ip fou add port 6080 gue"), (.gre, .fou, 6080, "ip fou add port 6080 ipproto 47"),
      (.gretap, .fou, 6080, "ip fou add port 6080 ipproto 47"), (.ip6tnl, .gue, 6080, "ip fou add port 6080 gue -6"),
      (.ip6gre, .fou, 6081, "ip fou add port 6081 ipproto 47 -6"),
    ] as [(Tunnel.Kind, TunnelEncapsulation, UInt16, String)])
  func `every kind can be in UDP, and comes with a port to receive at`(
    kind: Tunnel.Kind, encapsulation: TunnelEncapsulation, port: UInt16, opening: String
  ) throws {
    let setup = try TunnelSetup.example(kind) { ($0.link.encapsulation, $0.link.port) = (encapsulation, port) }
    let made = try commands(setup)
    #expect(made[0].hasSuffix(" encap \(encapsulation.rawValue) encap-sport auto encap-dport \(port)"))
    #expect(made[2] == opening)
  }

  @Test func `what is seldom wanted is said only then`() throws {
    let setup = try TunnelSetup.example(.sit) {
      ($0.link.mode, $0.link.ttl, $0.link.discoversPathMTU) = (.ipv6, 0, false)
    }
    let words = "mode ip6ip local 192.0.2.10 remote 198.51.100.7 ttl inherit tos inherit nopmtudisc"
    #expect(try commands(setup)[0].hasSuffix(words))
    let other = try TunnelSetup.example(.ip6tnl) { ($0.link.mode, $0.link.encapsulationLimit) = (.ipv4, 4) }
    let command = try commands(other)[0]
    #expect(command.contains("mode ipip6 ") && command.hasSuffix(" encaplimit 4"))
  }

  @Test(
    arguments: [
      (1500, .ipip, nil, false, 1480), (1500, .gre, nil, false, 1476), (1500, .gre, nil, true, 1472),
      (1500, .ipip, .fou, false, 1472), (1500, .sit, .gue, false, 1468), (1500, .gre, .gue, true, 1460),
      (1500, .gretap, nil, false, 1462), (1500, .ip6tnl, nil, false, 1460), (1500, .ip6gre, nil, false, 1456),
      (1500, .ip6gre, nil, true, 1452), (1500, .ip6tnl, .fou, false, 1452), (1500, .ip6tnl, .gue, false, 1448),
      (1500, .ip6gretap, .gue, false, 1430), (9000, .ipip, nil, false, 8980), (65_536, .ipip, nil, false, 65_515),
      (80, .gre, nil, false, 68), (10, .gre, nil, false, 68),
    ] as [(UInt32, Tunnel.Kind, TunnelEncapsulation?, Bool, UInt32)])
  func `the MTU is the path's less the overhead`(
    path: UInt32, kind: Tunnel.Kind, encapsulation: TunnelEncapsulation?, hasKey: Bool, mtu: UInt32
  ) throws {
    let setup = try TunnelSetup.example(kind) {
      ($0.link.encapsulation, $0.link.port) = (encapsulation, encapsulation.map { _ in 6080 })
      $0.link.key = hasKey ? 7 : nil
    }
    #expect(TunnelControl.mtu(path: path, overhead: setup.link.overhead) == mtu)
  }

  @Test func `a limit of encapsulation costs eight bytes`() throws {
    let setup = try TunnelSetup.example(.ip6tnl) { $0.link.encapsulationLimit = 4 }
    #expect(setup.link.overhead == 48)
  }
}

struct `A tunnel that there is already` {
  @Test func `the same again changes nothing`() throws {
    let setup = try TunnelSetup.example(.ip6gre) {
      ($0.link.encapsulation, $0.link.port, $0.link.key) = (.gue, 6080, 7)
      $0.addresses = [try prefix("10.9.0.1/30")]
      $0.routes = [TunnelRoute(try prefix("2001:db8:8::/48"))]
    }
    var unmeasured = setup
    unmeasured.link.mtu = nil
    #expect(try plan(.add(setup), on: TunnelHost([setup])).isEmpty)
    #expect(try plan(.add(unmeasured), on: TunnelHost([setup])).isEmpty)
  }

  @Test func `what is missing is added, after an interruption as well`() throws {
    let setup = try TunnelSetup.example(.ipip) {
      ($0.link.encapsulation, $0.link.port) = (.gue, 6080)
      $0.addresses = [try prefix("10.9.0.1/30")]
      $0.routes = [TunnelRoute(try prefix("10.8.0.0/16"))]
    }
    var link = Link(setup, index: 10)
    link.flags = []
    let plan = try plan(.add(setup), on: TunnelHost(links: [link]))
    #expect(
      plan.commands == [
        """
        ip link set dev site-b up mtu 1400 type ipip local 192.0.2.10 remote 198.51.100.7 ttl 64 tos inherit \
        encap gue encap-sport auto encap-dport 6080
        """,
        "ip fou add port 6080 gue", "ip address add 10.9.0.1/30 dev site-b",
        "ip route add 10.8.0.0/16 dev site-b proto 197",
      ])
  }

  @Test func `another one is refused with the differences, and with the command that mends them`() throws {
    let host = TunnelHost([try .example(.gre) { $0.addresses = [try prefix("10.9.0.5/30")] }])
    let wanted = try TunnelSetup.example(.gre) { ($0.link.ttl, $0.link.key) = (32, 7) }
    let error = #expect(throws: ProvisioningError.self) { try plan(.add(wanted), on: host) }
    #expect(
      error?.description == """
        there is a tunnel site-b already, and it is another one: key is none, not 7, ttl is 64, not 32, it has the address \
        10.9.0.5/30: 'culvert tunnel change site-b --key 7 --ttl 32 --remove-address 10.9.0.5/30' makes it so
        """)
    let kind = #expect(throws: ProvisioningError.self) { try plan(.add(.example(.ipip)), on: host) }
    #expect(kind?.description.hasSuffix("give another name, or remove it with 'culvert tunnel remove site-b'") == true)
  }

  @Test(
    arguments: [
      (nil, "site-b was not made by Culvert: remove it with 'ip link delete dev site-b' if nobody needs it"),
      ("else", "site-b was not made by Culvert: remove it with 'ip link delete dev site-b' if nobody needs it"),
      (
        "culvert-real",
        "site-b belongs to this host's real server: 'culvert real up' and 'culvert real down' make and remove it"
      ),
    ] as [(String?, String)])
  func `somebody else's is not touched`(alias: String?, reason: String) throws {
    let setup = try TunnelSetup.example(.ipip)
    let host = TunnelHost([setup], alias: alias)
    let removal = #expect(throws: ProvisioningError.self) { try plan(.remove(["site-b"]), on: host) }
    #expect(removal?.description == reason)
    #expect(throws: ProvisioningError.self) { try plan(.change("site-b") { _ in }, on: host) }
    #expect(throws: ProvisioningError.self) { try plan(.add(setup), on: host) }
    #expect(try plan(.removeAll, on: host).isEmpty)
    #expect(try plan(.apply([], pruning: true), on: host).isEmpty)
  }

  @Test func `a link that is no tunnel keeps its name`() throws {
    let setup = try TunnelSetup.example(.ipip) { $0.link.name = "eth0" }
    let taken = #expect(throws: ProvisioningError.self) { try plan(.add(setup)) }
    #expect(taken?.description == "there is a link eth0 already: give another name, or remove it first")
  }
}

struct `Changing tunnels` {
  @Test func `what is given changes in place, addresses and routes one by one`() throws {
    let host = TunnelHost([
      try .example(.gre) {
        $0.addresses = [try prefix("10.9.0.1/30")]
        $0.routes = [TunnelRoute(try prefix("10.8.0.0/16"))]
      }
    ])
    let plan = try plan(
      .change("site-b") {
        ($0.link.ttl, $0.link.encapsulation, $0.link.port) = (0, .gue, 6080)
        $0.addresses = [try prefix("10.9.0.5/30")]
        $0.routes.append(TunnelRoute(try prefix("10.7.0.0/16")))
      }, on: host)
    #expect(
      plan.commands == [
        """
        ip link set dev site-b mtu 1400 type gre local 192.0.2.10 remote 198.51.100.7 ttl inherit tos inherit \
        encap gue encap-sport auto encap-dport 6080
        """,
        "ip fou add port 6080 gue", "ip address delete 10.9.0.1/30 dev site-b",
        "ip address add 10.9.0.5/30 dev site-b", "ip route add 10.7.0.0/16 dev site-b proto 197",
      ])
  }

  @Test func `nothing given changes nothing`() throws {
    #expect(try plan(.change("site-b") { _ in }, on: TunnelHost([.example(.gre)])).isEmpty)
  }

  @Test func `what the kernel cannot change is made anew`() throws {
    let host = TunnelHost([try .example(.sit) { $0.addresses = [try prefix("2001:db8:9::1/64")] }])
    let plan = try plan(.change("site-b") { $0.link.mode = .ipv6 }, on: host)
    #expect(
      plan.commands.map { $0.split(separator: " ").prefix(3).joined(separator: " ") } == [
        "ip link delete", "ip link add", "ip link set", "ip address add",
      ])
    #expect(plan.counts == (made: 0, changed: 1, removed: 0, kept: 0))
  }

  @Test func `a route that somebody else made stays`() throws {
    let setup = try TunnelSetup.example(.gre)
    let foreign = Route(
      destination: try prefix("10.8.0.0/16"), interface: InterfaceIndex(rawValue: 10), protocol: .static)
    let host = TunnelHost(links: [Link(setup, index: 10)], routes: [foreign])
    #expect(try plan(.apply([setup], pruning: false), on: host).isEmpty)
  }
}

struct `A file of tunnels` {
  private func setups(_ names: String...) throws -> [TunnelSetup] {
    try names.enumerated().map { number, name in
      try .example(.ipip) { ($0.link.name, $0.link.local) = (name, try ip("192.0.2.\(number + 10)")) }
    }
  }

  @Test func `makes what is missing, changes what differs and leaves the others`() throws {
    var wanted = try setups("a", "b", "c")
    let host = TunnelHost([wanted[0], wanted[1], try .example(.gre) { $0.link.name = "d" }])
    wanted[1].link.ttl = 7
    let plain = try plan(.apply(wanted, pruning: false), on: host)
    #expect(plain.counts == (made: 1, changed: 1, removed: 0, kept: 1))
    let pruned = try plan(.apply(wanted, pruning: true), on: host)
    #expect(pruned.counts == (made: 1, changed: 1, removed: 1, kept: 1))
    #expect(pruned.commands.first == "ip link delete dev d")
  }

  @Test func `names each tunnel once, and none that the kernel could not tell from another`() throws {
    let twice = #expect(throws: ProvisioningError.self) { try plan(.apply(setups("a") + setups("a"), pruning: false)) }
    #expect(twice?.description == "a is named twice: name each tunnel once")
    let same = #expect(throws: ProvisioningError.self) { try plan(.apply(setups("a") + setups("b"), pruning: false)) }
    #expect(
      same?.description == """
        b would be the same to the kernel as a, a tunnel of kind ipip from 192.0.2.10 to 198.51.100.7: give another \
        --local, or --device
        """)
  }

  @Test func `closes the ports that nobody uses any more, and no others`() throws {
    let all = try setups("a", "b").map { setup in
      var setup = setup
      (setup.link.encapsulation, setup.link.port) = (.fou, 6080)
      return setup
    }
    #expect(try plan(.remove(["a"]), on: TunnelHost(all)).commands == ["ip link delete dev a"])
    #expect(
      try plan(.removeAll, on: TunnelHost(all)).commands == [
        "ip fou del port 6080", "ip link delete dev a", "ip link delete dev b",
      ])
  }

  @Test func `is refused where a port has two meanings`() throws {
    let first = try TunnelSetup.example(.ipip) { ($0.link.encapsulation, $0.link.port) = (.fou, 6080) }
    let second = try TunnelSetup.example(.gre) {
      ($0.link.name, $0.link.encapsulation, $0.link.port) = ("c", .fou, 6080)
    }
    let both = #expect(throws: ProvisioningError.self) { try plan(.apply([first, second], pruning: false)) }
    #expect(both?.description.hasPrefix("UDP port 6080 is open for ") == true)
    let host = TunnelHost([], ports: [FOUPort(version: .v4, port: 6080, content: .direct(4))])
    let taken = #expect(throws: ProvisioningError.self) { try plan(.add(first), on: host) }
    #expect(
      taken?.description == """
        UDP port 6080 is open for Foo over UDP of IP protocol 4 alone: choose another --port, here and at the other \
        end, or 'ip fou del port 6080'
        """)
  }

  @Test func `is made in large portions, removal at once`() throws {
    let link = try TunnelSetup.example(.ipip).link
    let steps = (0..<2000).map { TunnelStep.deleteLink("t\($0)") } + Array(repeating: .createLink(link), count: 1300)
    #expect(TunnelRun.portions(of: steps).map(\.count) == [2000, 1024, 276])
  }
}
