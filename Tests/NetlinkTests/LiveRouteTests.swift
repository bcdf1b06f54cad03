// SPDX-License-Identifier: MIT
import Linux
import SystemPackage
import TestSupport
import Testing
import Wire

@testable import Netlink

/// A namespace with a veth pair `a0`–`a1`, both up, `a0` holding 10.0.0.1/24 and 2001:db8::1/64.
private func withVethPair(_ body: (NetlinkConnection, InterfaceIndex) throws -> Void) throws {
  try withNetworkNamespace {
    let netlink = try NetlinkConnection()
    let index = try netlink.createLink("a0", .veth(VethPeer(name: "a1")), LinkSettings(isUp: true))
    try netlink.setLink(try #require(try netlink.link(named: "a1")).index, LinkSettings(isUp: true))
    try netlink.addAddress(InterfaceAddress(interface: index, prefix: "10.0.0.1/24"))
    try netlink.addAddress(
      InterfaceAddress(interface: index, prefix: "2001:db8::1/64", flags: .noDuplicateDetection))
    try body(netlink, index)
  }
}

@Suite(.enabled(if: canMakeNetworkNamespaces, "needs CAP_SYS_ADMIN and CAP_NET_ADMIN"))
struct `Addresses, routes, rules and neighbours in a fresh namespace` {
  @Test func `addresses are listed as they were added`() throws {
    try withVethPair { netlink, index in
      let four = try #require(try netlink.addresses(.v4, on: index).first)
      #expect(four.prefix == "10.0.0.1/24" && four.label == "a0" && four.flags == .permanent)
      let six = try netlink.addresses(.v6, on: index).filter { $0.scope == .universe }
      #expect(six.map(\.prefix) == ["2001:db8::1/64"])
      #expect(six.first?.flags == [.permanent, .noDuplicateDetection])
      #expect(try run("ip", "-4", "-o", "addr", "show", "dev", "a0").contains("inet 10.0.0.1/24 scope global a0"))
    }
  }

  @Test func `an address is removed, and refused twice`() throws {
    try withVethPair { netlink, index in
      let address = InterfaceAddress(interface: index, prefix: "10.0.0.1/24")
      let twice = #expect(throws: NetlinkError.self) { try netlink.addAddress(address) }
      #expect(twice?.errno == .fileExists)
      #expect(twice?.description.hasPrefix(#"cannot add address 10.0.0.1/24 to link "a0": File exists"#) == true)
      try netlink.replaceAddress(address)
      try netlink.deleteAddress(address)
      #expect(try netlink.addresses(.v4, on: index).isEmpty)
      let gone = #expect(throws: NetlinkError.self) { try netlink.deleteAddress(address) }
      #expect(gone?.errno == .addressNotAvailable)
    }
  }

  @Test func `a label and a narrow scope are kept`() throws {
    try withVethPair { netlink, index in
      let address = InterfaceAddress(
        interface: index, prefix: "203.0.113.80/32", label: "a0:vip", scope: .host, flags: .permanent)
      try netlink.addAddress(address)
      #expect(try netlink.addresses(on: index).contains(address))
    }
  }

  @Test func `the addresses that are ours are told from those of the kernel`() throws {
    try withVethPair { netlink, index in
      try netlink.setLink(try #require(try netlink.link(named: "lo")).index, LinkSettings(isUp: true))
      let ours = try netlink.addresses(protocol: .culvert)
      #expect(ours.map(\.prefix) == ["10.0.0.1/24", "2001:db8::1/64"])
      #expect(try netlink.addresses().count > 2)
    }
  }

  @Test func `a route with metrics is what ip shows`() throws {
    try withVethPair { netlink, index in
      let route = Route(
        destination: "203.0.113.0/24", gateway: "10.0.0.2", interface: index,
        table: RouteTable(rawValue: 300), preferredSource: "10.0.0.1",
        metrics: RouteMetrics(mtu: 1480, advertisedMSS: 1440), priority: 7)
      try netlink.addRoute(route)
      #expect(try netlink.routes(table: RouteTable(rawValue: 300)) == [route])
      let shown = try run("ip", "route", "show", "table", "300").split(separator: " ").joined(separator: " ")
      #expect(
        shown.hasPrefix(
          "203.0.113.0/24 via 10.0.0.2 dev a0 proto 197 src 10.0.0.1 metric 7 mtu 1480 advmss 1440"), "\(shown)")
    }
  }

  @Test func `an IPv6 route with metrics comes back`() throws {
    try withVethPair { netlink, index in
      let route = Route(
        destination: "2001:db8:1::/48", gateway: "2001:db8::2", interface: index,
        metrics: RouteMetrics(mtu: 1400), priority: 1024)
      try netlink.addRoute(route)
      #expect(try netlink.routes(.v6, protocol: .culvert) == [route])
      try netlink.deleteRoute(route)
      #expect(try netlink.routes(protocol: .culvert).isEmpty)
    }
  }

  @Test(arguments: [RouteType.blackhole, .unreachable, .prohibit])
  func `a route that refuses packets is kept as such`(type: RouteType) throws {
    try withVethPair { netlink, _ in
      try netlink.addRoute(Route(destination: "198.51.100.0/24", type: type))
      #expect(try netlink.routes(protocol: .culvert).map(\.type) == [type])
    }
  }

  @Test func `a local route, as a real server may hold a whole prefix`() throws {
    try withVethPair { netlink, _ in
      let lo = try #require(try netlink.link(named: "lo")).index
      let route = Route(destination: "203.0.113.0/24", interface: lo, table: .local, type: .local)
      try netlink.addRoute(route)
      #expect(try netlink.routes(protocol: .culvert) == [route])
    }
  }

  @Test func `an IPv4 route goes through an IPv6 router`() throws {
    try withVethPair { netlink, index in
      let route = Route(destination: "10.9.0.0/16", gateway: "2001:db8::2", interface: index)
      try netlink.addRoute(route)
      #expect(try netlink.routes(protocol: .culvert) == [route])
      #expect(try netlink.route(to: "10.9.0.1").nextHop == "2001:db8::2")
    }
  }

  @Test func `a route is replaced in place, and refused twice`() throws {
    try withVethPair { netlink, index in
      var route = Route(destination: "203.0.113.0/24", gateway: "10.0.0.2", interface: index)
      try netlink.addRoute(route)
      let error = #expect(throws: NetlinkError.self) { try netlink.addRoute(route) }
      #expect(
        error?.description.hasPrefix(#"cannot add route to 203.0.113.0/24 through link "a0": File exists"#) == true)
      route.gateway = "10.0.0.3"
      try netlink.replaceRoute(route)
      #expect(try netlink.routes(protocol: .culvert) == [route])
    }
  }

  @Test func `a table nobody uses holds no routes`() throws {
    try withVethPair { netlink, _ in
      let routes = try netlink.routes(table: RouteTable(rawValue: 4711))
      #expect(routes.isEmpty)
    }
  }

  @Test func `a router that cannot be reached is told in the kernel's words`() throws {
    try withVethPair { netlink, index in
      let route = Route(destination: "203.0.113.0/24", gateway: "192.0.2.9", interface: index)
      let error = #expect(throws: NetlinkError.self) { try netlink.addRoute(route) }
      #expect(error?.kernelMessage == "Nexthop has invalid gateway")
    }
  }

  @Test func `where a packet would go is found`() throws {
    try withVethPair { netlink, index in
      let direct = try netlink.route(to: "10.0.0.9")
      #expect(direct.interface == index && direct.gateway == nil && direct.nextHop == "10.0.0.9")
      #expect(direct.preferredSource == "10.0.0.1" && direct.mtu == nil && direct.type == .unicast)
      try netlink.addRoute(
        Route(
          destination: "198.51.100.0/24", gateway: "10.0.0.2", interface: index,
          metrics: RouteMetrics(mtu: 1400)))
      let routed = try netlink.route(to: "198.51.100.1")
      #expect(routed.nextHop == "10.0.0.2" && routed.mtu == 1400 && routed.table == .main)
      let six = try netlink.route(to: "2001:db8::9")
      #expect(six.interface == index && six.preferredSource == "2001:db8::1")
      #expect(try netlink.route(to: "10.0.0.1").type == .local)
    }
  }

  @Test(arguments: ["192.0.2.77", "2001:db8:ffff::1"])
  func `where nothing leads is told`(destination: String) throws {
    try withVethPair { netlink, _ in
      let error = #expect(throws: NetlinkError.self) { try netlink.route(to: ip(destination)) }
      #expect(error?.description == "cannot find a route to \(destination): Network is unreachable")
    }
  }

  @Test func `rules come back and steer the lookup`() throws {
    try withVethPair { netlink, index in
      let rule = RoutingRule(
        version: .v4, source: "10.0.0.1/32", table: RouteTable(rawValue: 300), priority: 100)
      try netlink.addRule(rule)
      #expect(try netlink.rules(protocol: .culvert) == [rule])
      #expect(try run("ip", "rule").contains("100:\tfrom 10.0.0.1 lookup 300 proto 197"))
      #expect(throws: NetlinkError.self) { try netlink.addRule(rule) }
      try netlink.addRoute(
        Route(
          destination: "192.0.2.0/24", gateway: "10.0.0.7", interface: index,
          table: RouteTable(rawValue: 300)))
      #expect(try netlink.route(to: "192.0.2.1", from: "10.0.0.1").gateway == "10.0.0.7")
      try netlink.deleteRule(rule)
      #expect(try netlink.rules(protocol: .culvert).isEmpty)
    }
  }

  @Test func `what is ours is removed, and nothing else`() throws {
    try withVethPair { netlink, index in
      let before = (try netlink.routes(), try netlink.rules())
      for version in [IPVersion.v4, .v6] {
        try netlink.addRule(RoutingRule(version: version, mark: 9, table: RouteTable(rawValue: 300), priority: 5))
      }
      try netlink.addRoute(Route(destination: "192.0.2.0/24", interface: index))
      try netlink.addRoute(Route(destination: "2001:db8:7::/48", table: RouteTable(rawValue: 300), type: .blackhole))
      #expect(try netlink.deleteRoutesAndRules(of: .culvert) == 4)
      #expect(try netlink.routes() == before.0)
      #expect(try netlink.rules() == before.1)
    }
  }

  @Test func `neighbours come back, change and go`() throws {
    try withVethPair { netlink, index in
      for text in ["10.0.0.2", "2001:db8::2"] {
        var neighbour = Neighbour(
          interface: index, address: try ip(text), macAddress: MACAddress(bits: 0x0200_0000_0002))
        try netlink.addNeighbour(neighbour)
        #expect(try netlink.neighbour(neighbour.address, on: index) == neighbour)
        neighbour.macAddress = MACAddress(bits: 0x0200_0000_0003)
        #expect(throws: NetlinkError.self) { try netlink.addNeighbour(neighbour) }
        try netlink.replaceNeighbour(neighbour)
        #expect(try netlink.neighbour(neighbour.address, on: index) == neighbour)
        try netlink.deleteNeighbour(neighbour)
        // The kernel keeps what was removed as failed until it cleans up.
        #expect(try netlink.neighbour(neighbour.address, on: index)?.state.isUsable != true)
      }
    }
  }
}
