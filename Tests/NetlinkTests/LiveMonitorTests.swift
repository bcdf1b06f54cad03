// SPDX-License-Identifier: MIT
import Linux
import SystemPackage
import TestSupport
import Testing
import Wire

@testable import Netlink

extension NetlinkMonitor {
  /// Reads until `matches` finds an event.
  fileprivate mutating func wait(_ what: String, _ matches: (NetlinkEvent) -> Bool) throws {
    // Other tests may hold the kernel's lock for links meanwhile.
    _ = try eventually(what, within: .seconds(20)) {
      if try events().contains(where: matches) { return true }
      _ = try Poller([borrowed]).wait(timeout: .milliseconds(50))
      return nil
    }
  }
}

@Suite(.enabled(if: canMakeNetworkNamespaces, "needs CAP_SYS_ADMIN and CAP_NET_ADMIN"))
struct `A monitor in a fresh namespace` {
  @Test func `is silent when nothing happens`() throws {
    try withNetworkNamespace {
      var monitor = try NetlinkMonitor()
      #expect(try monitor.events().isEmpty)
      #expect(try Poller([monitor.borrowed]).wait(timeout: .zero).isEmpty)
    }
  }

  @Test func `tells of links, addresses and routes, in both directions`() throws {
    try withNetworkNamespace {
      var monitor = try NetlinkMonitor()
      let netlink = try NetlinkConnection()
      let index = try netlink.createLink("a0", .veth(VethPeer(name: "a1")), LinkSettings(isUp: true))
      try netlink.setLink(try #require(try netlink.link(named: "a1")).index, LinkSettings(isUp: true))
      try monitor.wait("link set") {
        if case .link(.set, let link) = $0 { link.index == index && link.isRunning } else { false }
      }
      let address = InterfaceAddress(interface: index, prefix: "10.0.0.1/24")
      try netlink.addAddress(address)
      try monitor.wait("address set") {
        if case .address(.set, let seen) = $0 { seen.prefix == address.prefix } else { false }
      }
      let route = Route(destination: "192.0.2.0/24", gateway: "10.0.0.2", interface: index)
      try netlink.addRoute(route)
      try monitor.wait("route set") { $0 == .route(.set, route) }
      try netlink.deleteRoute(route)
      try monitor.wait("route removed") { $0 == .route(.removed, route) }
      try netlink.deleteAddress(address)
      try monitor.wait("address removed") {
        if case .address(.removed, let seen) = $0 { seen.prefix == address.prefix } else { false }
      }
      try netlink.deleteLink(index)
      try monitor.wait("link removed") {
        if case .link(.removed, let link) = $0 { link.index == index } else { false }
      }
    }
  }

  @Test(arguments: [["10.0.0.1/24", "10.0.0.2/24"], ["2001:db8::1/64", "2001:db8::2/64"]])
  func `tells the MAC address that a solicited neighbour answers with`(ends: [String]) throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let namespace = try withNetworkNamespace { NamespaceBox(try NetworkNamespace.current()) }
      let other = VethPeer.Namespace.descriptor(namespace.value.borrowed)
      let index = try netlink.createLink("a0", .veth(VethPeer(name: "a1", namespace: other)), LinkSettings(isUp: true))
      let far = try NetlinkConnection(in: namespace.value)
      let farLink = try #require(try far.link(named: "a1"))
      try far.setLink(farLink.index, LinkSettings(isUp: true))
      for (connection, link, text) in [(netlink, index, ends[0]), (far, farLink.index, ends[1])] {
        try connection.addAddress(
          InterfaceAddress(interface: link, prefix: try prefix(text), flags: .noDuplicateDetection))
      }
      let neighbour = try prefix(ends[1]).address
      var monitor = try NetlinkMonitor()
      try netlink.solicit(neighbour, on: index)
      try monitor.wait("neighbour set") {
        if case .neighbour(.set, let seen) = $0 {
          seen.address == neighbour && seen.macAddress == farLink.macAddress && seen.state.isUsable
        } else {
          false
        }
      }
      #expect(try netlink.neighbour(neighbour, on: index)?.macAddress == farLink.macAddress)
    }
  }

  @Test func `tells when it has lost events, and who reads anew has them all`() throws {
    try withNetworkNamespace {
      var monitor = try NetlinkMonitor(reserve: 65_536)
      let netlink = try NetlinkConnection()
      let index = try netlink.createLink("a0", .veth(VethPeer(name: "a1")), LinkSettings(isUp: true))
      try netlink.commit(Self.neighbours(on: index))
      let events = try monitor.events()
      #expect(events.contains(.overrun) && events.count < 3000)
      #expect(try netlink.neighbours(.v4).count == 3000)
      try monitor.events().forEach { Issue.record("\($0) after all was read") }
      try netlink.setLink(index, LinkSettings(mtu: 1300))
      try monitor.wait("link set") { if case .link(.set, let link) = $0 { link.mtu == 1300 } else { false } }
    }
  }

  @Test func `has room for thousands of events`() throws {
    try withNetworkNamespace {
      var monitor = try NetlinkMonitor()
      let netlink = try NetlinkConnection()
      let index = try netlink.createLink("a0", .veth(VethPeer(name: "a1")), LinkSettings(isUp: true))
      _ = try monitor.events()
      try netlink.commit(Self.neighbours(on: index))
      let events = try monitor.events()
      #expect(events.count >= 3000 && !events.contains(.overrun))
    }
  }

  /// 3,000 neighbours.
  private static func neighbours(on link: InterfaceIndex) throws -> NetlinkBatch {
    var batch = NetlinkBatch()
    for number in 1...3000 as ClosedRange<UInt32> {
      let address = IPAddress.v4(IPv4Address(bits: 0x0A00_0000 + number))
      try batch.addNeighbour(Neighbour(interface: link, address: address, macAddress: MACAddress(bits: 2)))
    }
    return batch
  }
}

/// Carries a namespace, which cannot be copied, out of a closure.
private final class NamespaceBox {
  let value: NetworkNamespace

  init(_ value: consuming NetworkNamespace) {
    self.value = value
  }
}
