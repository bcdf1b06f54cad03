// SPDX-License-Identifier: MIT
import Linux
import Netlink
import TestSupport
import Testing
import Wire

@testable import Probing

/// A VXLAN tunnel between two namespaces: a kernel without drivers of layer-3 tunnels has it.
@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct TunnelProbeTests {
  /// `tunnel0`, 10.9.0.1/30 and fd00:9::1/126, to 10.9.0.2 and fd00:9::2 in another namespace, from 192.0.2.1 to 192.0.2.2.
  private func withTunnel(_ body: (NetlinkConnection, borrowing NetworkNamespace) throws -> Void) throws {
    try withNetworkNamespace {
      let near = try NetworkNamespace.current()
      try withNetworkNamespace {
        let netlink = try NetlinkConnection()
        try netlink.createLink(
          "eth0", .veth(VethPeer(name: "eth0", namespace: .descriptor(near.borrowed))), LinkSettings(isUp: true))
        try addEnd(2, to: 1, netlink)
        let far = try NetworkNamespace.current()
        try near.run {
          try run("ip", "link", "set", "eth0", "up")
          try addEnd(1, to: 2, NetlinkConnection())
          try awaitLinks("eth0", "tunnel0")
        }
        try awaitLinks("eth0", "tunnel0")
        try near.run { try body(NetlinkConnection(), far) }
      }
    }
  }

  private func addEnd(_ own: Int, to other: Int, _ netlink: NetlinkConnection) throws {
    try skipDuplicateDetection()
    try run("ip", "link", "set", "lo", "up")
    try run("ip", "address", "add", "192.0.2.\(own)/24", "dev", "eth0")
    let addresses = [own, other].map { IPAddress.v4(IPv4Address(bits: 0xC000_0200 + UInt32($0))) }
    try netlink.createLink(
      "tunnel0", .vxlan(VXLAN(identifier: 7, local: addresses[0], remote: addresses[1])),
      LinkSettings(isUp: true, mtu: 1450))
    try run("ip", "address", "add", "10.9.0.\(own)/30", "dev", "tunnel0")
    try run("ip", "address", "add", "fd00:9::\(own)/126", "nodad", "dev", "tunnel0")
  }

  private func probe(_ target: IPAddress?, _ netlink: NetlinkConnection) throws -> TunnelReport {
    let link = try #require(try netlink.link(named: "tunnel0"))
    let peer = try TunnelEnds.peer(on: link, netlink)
    var probe = TunnelProbe(
      through: link, to: try #require(target ?? peer), timeout: .seconds(1), netlink)
    return try probe.run()
  }

  @Test(arguments: [IPAddress.v4("10.9.0.2"), .v6("fd00:9::2")])
  func `is answered at both sizes`(_ target: IPAddress) throws {
    try withTunnel { netlink, _ in
      let report = try probe(target, netlink)
      #expect(report.sizes.isGood, "\(report.sentence)")
      #expect(report.sizes.full?.bytes == 1450)
      #expect(report.outerEnd == .v4("192.0.2.2"))
    }
  }

  /// The other end's link drops what is longer than its MTU and a VLAN tag, 1404 bytes, of which 50 are the tunnel's.
  @Test func `finds the peer, and the size that passes`() throws {
    try withTunnel { netlink, far in
      _ = try far.run { try run("ip", "link", "set", "eth0", "mtu", "1400") }
      let report = try probe(nil, netlink)
      #expect(report.target == .v4("10.9.0.2"))
      #expect(report.sizes.small.outcome == .answered)
      #expect(report.sizes.largest == 1354)
      #expect(report.sentence.contains("'ip link set tunnel0 mtu 1354'"))
    }
  }

  @Test func `tells who is silent in the tunnel from who has none`() throws {
    try withTunnel { netlink, _ in
      try run("ip", "neighbour", "add", "10.9.0.6", "lladdr", "02:00:00:00:00:03", "dev", "tunnel0")
      #expect(try probe(.v4("10.9.0.6"), netlink).sizes.small.outcome == .swallowed)
    }
  }

  @Test func `has no way where the other end has none`() throws {
    try withTunnel { netlink, _ in
      try run("ip", "route", "add", "unreachable", "192.0.2.2/32")
      #expect(try probe(nil, netlink).sizes.small.outcome.stage == .unrouted)
      try run("ip", "link", "set", "tunnel0", "down")
      #expect(try probe(.v4("10.9.0.2"), netlink).sentence.hasPrefix("not routed: tunnel0 is down"))
    }
  }
}
