// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Wire

@testable import Netlink
@testable import Provisioning

struct `Tunnels as JSON` {
  private func text(_ views: [TunnelView]) throws -> String {
    String(decoding: try JSONEncoder().encode(views), as: UTF8.self)
  }

  @Test(arguments: Tunnel.Kind.allCases)
  func `are read as they were written`(kind: Tunnel.Kind) throws {
    let setups = try TunnelEncapsulation.allCases.map { encapsulation in
      try TunnelSetup.example(kind) {
        ($0.link.encapsulation, $0.link.port, $0.link.ttl, $0.link.tos) = (encapsulation, 5555, 0, 0x10)
        if kind.isGRE { $0.link.key = 7 }
        if kind.hasModes { $0.link.mode = .ipv4 }
        if kind.outer == .v6 { $0.link.encapsulationLimit = 3 } else { $0.link.discoversPathMTU = false }
        ($0.link.device, $0.link.isUp) = ("eth0", false)
        $0.addresses = [try prefix("10.9.0.1/30"), try prefix("2001:db8::1/64")]
        $0.routes = [TunnelRoute(try prefix("10.8.0.0/16"), via: try ip("10.9.0.2"), metric: 50)]
      }
    }
    #expect(try TunnelFile.read(text(setups.map { TunnelView($0) }), of: "f") == setups)
  }

  @Test func `may leave out what is usual`() throws {
    let text = """
      [{"name": "site-b", "kind": "ipip", "local": "192.0.2.10", "remote": "198.51.100.7", "encapsulation": "gue"}]
      """
    let setup = try #require(TunnelFile.read(text, of: "f").first)
    #expect(setup.link.port == 6080 && setup.link.ttl == 64 && setup.link.tos == nil && setup.link.mtu == nil)
    #expect(setup.link.isUp && setup.link.discoversPathMTU && setup.addresses == [] && setup.routes == [])
  }

  @Test func `of others are passed over, whatever they are`() throws {
    let link = Link(
      index: InterfaceIndex(rawValue: 3), name: "tunl0", flags: [], mtu: 1480, info: .tunnel(.ipip, Tunnel()))
    let views = TunnelHost(links: [link]).tunnels
    #expect(try text(views).contains(#""owner":"other""#))
    #expect(try TunnelFile.read(text(views), of: "f") == [])
  }

  @Test(
    arguments: [
      ("", "f: not JSON such as 'culvert tunnel list --json' prints: "),
      ("[", "f: not JSON such as 'culvert tunnel list --json' prints: "),
      ("{}", "f: not a list of tunnels such as 'culvert tunnel list --json' prints"),
      ("[{}]", #"f: tunnel 1: "name" is missing"#), ("[7]", "f: tunnel 1: "),
      (#"[{"name": "a", "kind": "gue"}]"#, #"f: tunnel 1, "kind": "gue" is none of ipip, sit, ip6tnl, gre, "#),
      (#"[{"name": "a", "kind": "ipip", "local": "x"}]"#, #"f: tunnel 1, "local": "x" is no address"#),
      (#"[{"name": "a", "adresses": []}]"#, #"f: tunnel 1, "adresses": no such key: there are name, kind, "#),
      (
        #"[{"name": "a", "kind": "gre", "local": "192.0.2.1", "remote": "192.0.2.2", "mode": "any"}]"#,
        #"f: tunnel 1, "mode": gre has no modes: leave --mode out"#
      ),
      (
        #"[{"name": "a", "kind": "gre", "local": "192.0.2.1", "remote": "192.0.2.2", "ttl": 256}]"#,
        #"f: tunnel 1, "ttl": 256.0 is no whole number from 0 to 255"#
      ),
      (
        #"[{"name": "a", "kind": "gre", "local": "192.0.2.1", "remote": "192.0.2.2", "routes": ["1"]}]"#,
        #"f: tunnel 1, "routes": "1" is no route such as 10.8.0.0/16"#
      ),
    ])
  func `are refused with the place and what would be right`(text: String, reason: String) {
    let error = #expect(throws: ProvisioningError.self) { try TunnelFile.read(text, of: "f") }
    #expect(error?.description.hasPrefix(reason) == true, "\(error as Any)")
  }
}

struct `What is known of a tunnel` {
  @Test func `is the same in words and order for every kind`() throws {
    let names = [
      "kind", "mode", "encap", "port", "local", "remote", "key", "ttl", "tos", "pmtudisc", "encaplimit", "mtu",
      "device", "state", "addresses", "routes",
    ]
    for kind in Tunnel.Kind.allCases { #expect(try TunnelView(.example(kind)).facts.map(\.name) == names) }
    #expect(
      try TunnelView(.example(.sit)).facts.map(\.value) == [
        "sit", "any", "none", "none", "192.0.2.10", "198.51.100.7", "none", "64", "inherit", "on", "none", "1400",
        "none", "up", "none", "none",
      ])
  }

  @Test func `is a line of stable columns for scripts`() throws {
    var setup = try TunnelSetup.example(.ip6tnl) { ($0.link.encapsulation, $0.link.port) = (.gue, 6080) }
    setup.addresses = [try prefix("10.9.0.1/30"), try prefix("10.9.1.1/30")]
    var view = TunnelView(setup)
    view.receivedPackets = 7
    #expect(
      view.columns == [
        "site-b", "tunnel", "ip6tnl", "any", "gue", "6080", "2001:db8:1::10", "2001:db8:2::7", "none", "64", "inherit",
        "on", "none", "1400", "none", "up", "10.9.0.1/30, 10.9.1.1/30", "none", "7", "0", "0", "0", "0", "0",
      ])
  }

  @Test(arguments: Tunnel.Kind.allCases, [nil] + TunnelEncapsulation.allCases)
  func `is found again as it was asked for`(kind: Tunnel.Kind, encapsulation: TunnelEncapsulation?) throws {
    let setup = try TunnelSetup.example(kind) {
      ($0.link.encapsulation, $0.link.port) = (encapsulation, encapsulation.map { _ in 6080 })
      if kind.isGRE { $0.link.key = 7 }
      $0.addresses = [try prefix("10.9.0.1/30")]
      $0.routes = [TunnelRoute(try prefix("10.8.0.0/16"), metric: 5)]
    }
    #expect(TunnelHost([setup]).tunnels.map(\.setup) == [setup])
  }
}
