// SPDX-License-Identifier: MIT
import Linux
import Netlink
import TestSupport
import Testing
import Wire

@testable import Provisioning

/// Runs `body` with a link `eth0` that holds 192.0.2.10 and leads to 198.51.100.0/24.
private func withUplink(_ body: (NetlinkConnection) throws -> Void) throws {
  try withNetworkNamespace {
    let netlink = try NetlinkConnection()
    try makeUplink(netlink, mtu: 1400)
    try run("ip", "address", "add", "192.0.2.10/24", "dev", "eth0")
    try run("ip", "route", "add", "198.51.100.0/24", "via", "192.0.2.1")
    try body(netlink)
  }
}

private func setup(_ tunnelProtocol: TunnelProtocol) throws -> TunnelSetup {
  TunnelSetup(
    name: "site-b", tunnelProtocol: tunnelProtocol, local: try ip("192.0.2.10"), remote: try ip("198.51.100.7"))
}

@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct `Tunnels in a fresh namespace` {
  @Test func `the MTU is that of the route to the other end, of the device, or as given`() throws {
    try withUplink { netlink in
      var setup = try setup(.gre)
      #expect(try setup.commands(netlink).first?.contains(" mtu 1376 ") == true)
      setup.device = "lo"
      #expect(try setup.commands(netlink).first?.contains(" mtu 65511 ") == true)
      (setup.device, setup.mtu) = (nil, 1300)
      #expect(try setup.commands(netlink).first?.contains(" mtu 1300 ") == true)
      (setup.mtu, setup.remote) = (nil, try ip("203.0.113.1"))
      let error = #expect(throws: ProvisioningError.self) { try setup.commands(netlink) }
      #expect(error?.description.hasPrefix("there is no route to 203.0.113.1 to compute the MTU from (") == true)
      setup.device = "eth7"
      let missing = #expect(throws: ProvisioningError.self) { try setup.commands(netlink) }
      #expect(missing?.description.hasPrefix("there is no interface \"eth7\" (there are lo, ") == true)
    }
  }

  @Test(arguments: TunnelProtocol.allCases.filter { !Host.has($0) })
  func `a kernel without the driver is told in one sentence, and nothing is left`(kind: TunnelProtocol) throws {
    try withUplink { netlink in
      let before = try snapshot()
      let error = #expect(throws: MissingDriver.self) { try setup(kind).add(netlink) { _ in } }
      #expect(error?.driver == (kind.isUDP ? "fou" : kind.rawValue))
      #expect(error?.module == (kind.isUDP ? "fou" : kind == .gre ? "ip_gre" : "ipip"))
      #expect(try changes(since: before) == [])
    }
  }

  @Test(
    .enabled(if: TunnelProtocol.allCases.contains(where: Host.has), "this kernel has no tunnel devices"),
    arguments: TunnelProtocol.allCases.filter(Host.has))
  func `a tunnel is made, shown and removed`(kind: TunnelProtocol) throws {
    try withUplink { netlink in
      let before = try snapshot()
      var setup = try setup(kind)
      setup.addresses = [try prefix("10.9.0.1/30")]
      setup.routes = [try prefix("10.8.0.0/16")]
      try setup.add(netlink) { _ in }
      let shown = try TunnelView.named("site-b", netlink)
      #expect(shown.isUp && shown.isCulverts && !shown.isOpen)
      #expect(shown.local == setup.local && shown.remote == setup.remote && shown.mtu == 1400 - kind.overhead())
      #expect(shown.addresses == setup.addresses && shown.routes == setup.routes)
      #expect(throws: ProvisioningError.self) { try setup.add(netlink) { _ in } }
      setup.name = "again"
      let twice = #expect(throws: ProvisioningError.self) { try setup.add(netlink) { _ in } }
      #expect(twice?.description.hasPrefix("cannot add again: another \(kind == .gre ? "gre" : "ipip") tunnel") == true)
      try TunnelView.remove("site-b", netlink) { _ in }
      #expect(try changes(since: before) == [])
    }
  }

  @Test(
    .enabled(if: TunnelProtocol.allCases.contains(where: Host.has), "this kernel has no tunnel devices"),
    arguments: TunnelProtocol.allCases.filter(Host.has))
  func `a tunnel whose route is refused is not made`(kind: TunnelProtocol) throws {
    try withUplink { netlink in
      let before = try snapshot()
      var setup = try setup(kind)
      setup.routes = [try prefix("10.8.0.0/16"), try prefix("10.8.1.1/16")]
      #expect(throws: NetlinkError.self) { try setup.add(netlink) { _ in } }
      #expect(try changes(since: before) == [])
    }
  }

  @Test(
    .enabled(if: TunnelProtocol.allCases.contains(where: Host.hasV6), "this kernel has no IPv6 tunnel devices"),
    arguments: TunnelProtocol.allCases.filter(Host.hasV6))
  func `a tunnel over IPv6 is made, shown and removed`(kind: TunnelProtocol) throws {
    try withUplink { netlink in
      // No address but ours, which would come when it likes.
      try Sysctl("net/ipv6/conf/eth0/addr_gen_mode").write(1)
      try Sysctl("net/ipv6/conf/eth0/disable_ipv6").write(0)
      try run("ip", "address", "add", "2001:db8:1::10/64", "dev", "eth0", "nodad")
      let before = try snapshot()
      var setup = TunnelSetup(
        name: "site-b", tunnelProtocol: kind, local: try ip("2001:db8:1::10"), remote: try ip("2001:db8:1::7"))
      setup.addresses = [try prefix("10.9.0.1/30")]
      try setup.add(netlink) { _ in }
      let shown = try TunnelView.named("site-b", netlink)
      #expect(shown.isUp && shown.isCulverts && !shown.isOpen)
      #expect(shown.local == setup.local && shown.mtu == 1400 - kind.overhead(outer: .v6))
      #expect(shown.encapsulation == (kind.isUDP ? kind.rawValue : nil) && shown.port == (kind.isUDP ? 6080 : nil))
      try TunnelView.remove("site-b", netlink) { _ in }
      #expect(try changes(since: before) == [])
    }
  }

  @Test(.enabled(if: Host.has(.gue), "this kernel has no Foo over UDP"))
  func `a UDP port is closed with the last tunnel that uses it`() throws {
    try withUplink { netlink in
      let before = try snapshot()
      var other = try setup(.fou)
      (other.name, other.remote) = ("site-c", try ip("198.51.100.8"))
      try setup(.gue).add(netlink) { _ in }
      try other.add(netlink) { _ in }
      var lines: [String] = []
      try TunnelView.remove("site-b", netlink) { lines.append($0) }
      #expect(lines == ["ip link delete dev site-b", "# UDP port 6080 stays open for another tunnel"])
      try TunnelView.remove("site-c", netlink) { _ in }
      #expect(try changes(since: before) == [])
    }
  }

  @Test(.enabled(if: Host.has(.gue), "this kernel has no Foo over UDP"))
  func `a UDP port that somebody has for something else is told`() throws {
    try withUplink { netlink in
      let ports = try #require(try FOUConnection())
      let direct = FOUPort(version: .v4, port: 6080, content: .direct(4))
      try ports.addPort(direct)
      let one = #expect(throws: ProvisioningError.self) { try setup(.gue).add(netlink) { _ in } }
      #expect(one?.description.hasPrefix("UDP port 6080 is open for Foo over UDP of one protocol") == true)
      try ports.deletePort(direct)
      let program = try Socket.udp(0, 6080)
      let two = #expect(throws: ProvisioningError.self) { try setup(.gue).add(netlink) { _ in } }
      #expect(two?.description.hasPrefix("UDP port 6080 is taken by a program") == true)
      withExtendedLifetime(program) {}
    }
  }

  @Test(
    .enabled(if: Host.has(.ipip) && Host.has(.gre), "this kernel has no ipip and gre devices"),
    arguments: [TunnelProtocol.ipip, .gre])
  func `a tunnel that Culvert did not make stays`(kind: TunnelProtocol) throws {
    try withUplink { netlink in
      try run("ip", "link", "add", "mine", "type", kind.rawValue, "local", "192.0.2.10", "remote", "198.51.100.7")
      let error = #expect(throws: ProvisioningError.self) { try TunnelView.remove("mine", netlink) { _ in } }
      #expect(error?.description.hasPrefix("mine was not made by Culvert: remove it with 'ip link delete") == true)
      #expect(try TunnelView.named("mine", netlink).isCulverts == false)
    }
  }

  @Test func `what is no tunnel is not shown, and not removed`() throws {
    try withUplink { netlink in
      let link = #expect(throws: ProvisioningError.self) { try TunnelView.remove("eth0", netlink) { _ in } }
      #expect(link?.description == "eth0 is no tunnel, but a link of kind veth")
      let none = #expect(throws: ProvisioningError.self) { try TunnelView.named("site-b", netlink) }
      #expect(none?.description.hasPrefix("there is no tunnel \"site-b\" (there are") == true)
      var setup = try setup(.ipip)
      setup.name = "eth0"
      let taken = #expect(throws: ProvisioningError.self) { try setup.add(netlink) { _ in } }
      #expect(taken?.description == "there is a link eth0 already: give another name, or remove it first")
    }
  }
}
