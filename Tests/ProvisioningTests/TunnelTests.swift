// SPDX-License-Identifier: MIT
import Linux
import Netlink
import TestSupport
import Testing
import Wire

@testable import Provisioning

/// Runs `body` with a link `eth0` that holds 192.0.2.10 and leads to 198.51.100.0/24.
private func withUplink(_ body: (TunnelControl) throws -> Void) throws {
  try withNetworkNamespace {
    let netlink = try NetlinkConnection()
    try makeUplink(netlink, mtu: 1400)
    try run("ip", "address", "add", "192.0.2.10/24", "dev", "eth0")
    try run("ip", "route", "add", "198.51.100.0/24", "via", "192.0.2.1")
    try body(TunnelControl(netlink))
  }
}

/// Without an MTU, and of `tunnelProtocol` over IPv4.
private func setup(_ tunnelProtocol: TunnelProtocol) throws -> TunnelSetup {
  try .example(tunnelProtocol.device(outer: .v4, carrying: .ipv4)) {
    ($0.link.mtu, $0.link.encapsulation) = (nil, tunnelProtocol.encapsulation)
    $0.link.port = $0.link.usualPort
  }
}

private let present = TunnelProtocol.allCases.filter(Host.has)

@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct `Tunnels in a fresh namespace` {
  @Test func `the MTU is that of the route to the other end, of the device, or as given`() throws {
    try withUplink { control in
      var setup = try setup(.gre)
      func mtu() throws -> UInt32? { try control.plan(.add(setup)).transitions.first?.wanted?.link.mtu }
      #expect(try mtu() == 1376)
      setup.link.device = "lo"
      #expect(try mtu() == 65_511)
      (setup.link.device, setup.link.mtu) = (nil, 1300)
      #expect(try mtu() == 1300)
      (setup.link.mtu, setup.link.remote) = (nil, try ip("203.0.113.1"))
      let error = #expect(throws: ProvisioningError.self) { try mtu() }
      #expect(error?.description.hasPrefix("there is no route to 203.0.113.1 to compute the MTU from (") == true)
      setup.link.device = "eth7"
      let missing = #expect(throws: ProvisioningError.self) { try mtu() }
      #expect(missing?.description.hasPrefix("there is no interface \"eth7\" (there are lo, ") == true)
    }
  }

  @Test(arguments: TunnelProtocol.allCases.filter { !Host.has($0) })
  func `a kernel without the driver is told in one sentence, and nothing is left`(kind: TunnelProtocol) throws {
    try withUplink { control in
      let before = try snapshot()
      let error = #expect(throws: MissingDriver.self) { try control.perform(.add(setup(kind))) { _ in } }
      #expect(error?.driver == (kind.isUDP ? "fou" : kind.rawValue))
      #expect(error?.module == (kind.isUDP ? "fou" : kind == .gre ? "ip_gre" : "ipip"))
      #expect(try changes(since: before) == [])
    }
  }

  @Test(.enabled(if: !present.isEmpty, "this kernel has no tunnel devices"), arguments: present)
  func `a tunnel is made, shown, changed and removed`(kind: TunnelProtocol) throws {
    try withUplink { control in
      let before = try snapshot()
      var setup = try setup(kind)
      setup.addresses = [try prefix("10.9.0.1/30")]
      setup.routes = [TunnelRoute(try prefix("10.8.0.0/16"))]
      try control.perform(.add(setup)) { _ in }
      let shown = try TunnelView.named("site-b", control.netlink)
      #expect(shown.isUp && shown.owner == .tunnel && !shown.isOpen)
      #expect(shown.local == setup.link.local && shown.mtu == 1400 - kind.overhead())
      #expect(shown.addresses == setup.addresses && shown.routes == setup.routes)
      #expect(try control.perform(.add(setup)) { _ in }.isEmpty)
      try control.perform(.change("site-b") { $0.link.ttl = 9 }) { _ in }
      #expect(try TunnelView.named("site-b", control.netlink).ttl == 9)
      try control.perform(.remove(["site-b"])) { _ in }
      #expect(try changes(since: before) == [])
    }
  }

  @Test(.enabled(if: !present.isEmpty, "this kernel has no tunnel devices"), arguments: present)
  func `a tunnel whose route is refused is not made`(kind: TunnelProtocol) throws {
    try withUplink { control in
      let before = try snapshot()
      var setup = try setup(kind)
      setup.routes = [TunnelRoute(try prefix("10.8.0.0/16")), TunnelRoute(try prefix("192.0.2.0/24"))]
      #expect(throws: ProvisioningError.self) { try control.perform(.add(setup)) { _ in } }
      #expect(try changes(since: before) == [])
    }
  }

  @Test func `what is no tunnel is not shown, and not removed`() throws {
    try withUplink { control in
      let link = #expect(throws: ProvisioningError.self) { try control.plan(.remove(["eth0"])) }
      #expect(link?.description == "eth0 is no tunnel, but a link of kind veth")
      let none = #expect(throws: ProvisioningError.self) { try TunnelView.named("site-b", control.netlink) }
      #expect(none?.description.hasPrefix("there is no tunnel \"site-b\" (there are") == true)
    }
  }
}
