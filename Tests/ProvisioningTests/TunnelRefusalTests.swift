// SPDX-License-Identifier: MIT
import Netlink
import Testing
import Wire

@testable import Provisioning

struct `A tunnel that cannot be meant` {
  /// Why a setup is refused.
  private func refusal(
    _ kind: Tunnel.Kind = .ipip, _ change: (inout TunnelSetup) throws -> Void
  ) throws -> String? {
    let setup = try TunnelSetup.example(kind, change)
    let error = #expect(throws: ProvisioningError.self) {
      try TunnelControl(NetlinkConnection()).plan(.add(setup), on: TunnelHost([]))
    }
    return error?.description
  }

  @Test(
    arguments: [
      (.ipip, .ip6tnl), (.sit, .ip6tnl), (.gre, .ip6gre), (.gretap, .ip6gretap), (.ip6tnl, .sit), (.ip6gre, .gre),
      (.ip6gretap, .gretap),
    ] as [(Tunnel.Kind, Tunnel.Kind)])
  func `is told the kind for its ends`(kind: Tunnel.Kind, right: Tunnel.Kind) throws {
    let ends = try TunnelSetup.example(right)
    let reason = try refusal(kind) { ($0.link.local, $0.link.remote) = (ends.link.local, ends.link.remote) }
    #expect(reason == "the ends are IPv\(right.outer.rawValue): use --kind \(right)")
  }

  @Test func `has two ends that are hosts`() throws {
    #expect(
      try refusal { $0.link.remote = try ip("2001:db8::7") }
        == "both ends of a tunnel have one IP version, which 192.0.2.10 and 2001:db8::7 have not")
    #expect(try refusal { $0.link.remote = $0.link.local } == "a tunnel needs two ends, and both are 192.0.2.10")
    for address in ["0.0.0.0", "224.0.0.5", "255.255.255.255"].dropLast() {
      #expect(
        try refusal { $0.link.remote = try ip(address) }
          == "\(address) is no end of a tunnel: give the address of one host")
    }
  }

  @Test func `has no key, port or limit that its kind does not know`() throws {
    #expect(try refusal { $0.link.key = 1 } == "ipip has no key: leave --key out, or use --kind gre")
    #expect(try refusal(.ip6tnl) { $0.link.key = 1 } == "ip6tnl has no key: leave --key out, or use --kind ip6gre")
    #expect(
      try refusal { $0.link.port = 1 }
        == "only tunnels in UDP have a port: leave --port out, or give --encap fou or gue")
    #expect(
      try refusal { ($0.link.encapsulation, $0.link.port) = (.gue, 0) }
        == "UDP has no port 0: give 1 to 65535, or leave --port out")
    #expect(
      try refusal { $0.link.encapsulationLimit = 4 } == "IPv4 has no limit of encapsulation: leave --encaplimit out")
    #expect(
      try refusal(.ip6gre) { $0.link.discoversPathMTU = false }
        == "routers never fragment IPv6: leave --no-pmtudisc out")
    #expect(
      try refusal { $0.link.discoversPathMTU = false }
        == "ipip tunnels with a TTL of their own always discover the path's MTU: give --ttl inherit as well")
    #expect(
      try refusal { $0.link.tos = 2 }
        == "a TOS of 2 sets the bits of ECN: give a multiple of 4 from 0 to 252, or inherit")
  }

  @Test(
    arguments: [
      (.sit, "ip6ip6", "ip6ip6 is no mode of sit: use one of any, ipip, ip6ip"),
      (.ip6tnl, "ip6ip", "ip6ip is no mode of ip6tnl: use one of any, ipip6, ip6ip6"),
      (.gre, "any", "gre has no modes: leave --mode out"),
    ] as [(Tunnel.Kind, String, String)])
  func `has no mode that its kind does not know`(kind: Tunnel.Kind, word: String, reason: String) {
    let error = #expect(throws: ProvisioningError.self) { try Tunnel.Payload(mode: word, of: kind) }
    #expect(error?.description == reason)
  }

  @Test func `carries what is led through it`() throws {
    #expect(
      try refusal { $0.addresses = [try prefix("2001:db8::1/64")] }
        == "ipip carries IPv4 alone, and not 2001:db8::1/64: use --kind sit")
    #expect(
      try refusal(.ip6tnl) {
        $0.link.mode = .ipv6
        $0.routes = [TunnelRoute(try prefix("10.8.0.0/16"))]
      } == "ip6tnl of mode ip6ip6 does not carry 10.8.0.0/16: use --mode any")
  }

  @Test func `does not lead its own packets into itself`() throws {
    let route = TunnelRoute(try prefix("198.51.100.0/24"))
    #expect(
      try refusal { $0.routes = [route] } == """
        the route to 198.51.100.0/24 through site-b would lead its own packets to 198.51.100.7 into itself: give \
        narrower routes, or --device for the interface to send them through
        """)
    let bound = try TunnelSetup.example(.ipip) { ($0.link.device, $0.routes) = ("eth0", [route]) }
    #expect(throws: Never.self) {
      try TunnelControl(NetlinkConnection()).plan(.add(bound), on: TunnelHost([]))
    }
    #expect(
      try refusal(.ip6tnl) {
        $0.routes = [TunnelRoute(try prefix("2001:db8:2:0:8000::/65")), TunnelRoute(try prefix("2001:db8:2::/65"))]
      }?.hasPrefix("the route to 2001:db8:2::/65 through site-b") == true)
  }

  @Test func `has routes that the kernel would take as they are`() throws {
    #expect(
      try refusal { $0.routes = [TunnelRoute(try prefix("10.8.1.1/16"))] }
        == "10.8.1.1/16 has bits behind its length: did you mean 10.8.0.0/16?")
    #expect(
      try refusal { $0.routes = [TunnelRoute(try prefix("10.8.0.0/16"), via: try ip("2001:db8::1"))] }
        == "2001:db8::1 is no router for 10.8.0.0/16: both have to be of one IP version")
    #expect(
      try refusal { ($0.link.isUp, $0.routes) = (false, [TunnelRoute(try prefix("10.8.0.0/16"))]) }
        == "site-b is to be down, and routes lead only through links that are up: leave them out")
  }

  @Test func `has an MTU that packets fit into`() throws {
    #expect(try refusal { $0.link.mtu = 67 } == "an MTU of 67 is not between 68 and 65515")
    #expect(
      try refusal(.gre) { ($0.link.mtu, $0.routes) = (1279, [TunnelRoute(try prefix("2001:db8::/64"))]) }
        == "an MTU of 1279 is not between 1280 and 65511")
  }

  @Test(arguments: ["", "a name", "a/b", "a:b", ".", "..", "sixteen-bytes-ab"])
  func `has a name that a link can have`(name: String) throws {
    #expect(
      try refusal { $0.link.name = name }
        == "\"\(name)\" cannot be a link's name: 1 to 15 bytes, without white space, / or :")
  }

  @Test func `leaves by an interface that is there`() throws {
    #expect(try refusal { $0.link.device = "eth7" } == "there is no interface \"eth7\" (there are eth0)")
  }
}

struct `A route as text` {
  @Test(
    arguments: [
      "10.8.0.0/16", "10.8.0.0/16 via 10.9.0.2", "2001:db8::/32 via fe80::1 metric 7", "10.0.0.1/32 metric 5",
    ])
  func `comes back as it was`(text: String) throws {
    #expect(TunnelRoute(text)?.description == text)
  }

  @Test(arguments: ["10.8.0.0/16 metric 0", "2001:db8::/32 metric 1024"])
  func `leaves out the metric that the kernel gives by itself`(text: String) {
    #expect(TunnelRoute(text)?.metric == nil)
  }

  @Test(
    arguments: [
      "", "10.8", "10.8.0.0/33", "10.8.0.0/16 via", "10.8.0.0/16 via x", "10.8.0.0/16 metric -1",
      "10.8.0.0/16 dev eth0", "10.8.0.0/16 via 10.9.0.2 via 10.9.0.3", "10.8.0.0/16 metric 1 metric 2",
    ])
  func `is refused where it says something else`(text: String) {
    #expect(TunnelRoute(text) == nil)
  }
}

struct `A missing driver` {
  @Test func `is told with its module, and with what to do without it`() {
    #expect(
      MissingDriver(driver: "gre", module: "ip_gre").description == """
        the kernel has no gre driver: load it with 'modprobe ip_gre', in a container on its host; where there is no \
        such module, 'culvert real up --decapsulate bpf' receives on a real server without it, and a director needs none
        """)
  }
}
