// SPDX-License-Identifier: MIT
import Linux
import SystemPackage
import TestSupport
import Testing
import Wire

@testable import Netlink

@Suite(.enabled(if: canMakeNetworkNamespaces, "needs CAP_SYS_ADMIN and CAP_NET_ADMIN"))
struct `Links in a fresh namespace` {
  @Test func `the loopback link is there and down`() throws {
    try withNetworkNamespace {
      // Not alone where tunnel drivers are loaded: each puts a link of its own into every namespace.
      let loopback = try #require(try NetlinkConnection().links().first)
      #expect(loopback.name == "lo" && loopback.flags.contains(.loopback))
      #expect(!loopback.isUp && loopback.kind == nil)
    }
  }

  @Test func `a veth pair is made, changed and removed`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let mac = MACAddress(bits: 0x0200_0000_0007)
      let settings = LinkSettings(isUp: true, mtu: 1400, macAddress: mac, alias: "made by a test")
      let index = try netlink.createLink("a0", .veth(VethPeer(name: "a1")), settings)
      let made = try #require(try netlink.link(index))
      #expect(made.name == "a0" && made.mtu == 1400 && made.macAddress == mac && made.isUp)
      #expect(made.alias == "made by a test")
      #expect(made.kind == .veth)
      let peer = try #require(try netlink.link(named: "a1"))
      #expect(made.underlying == peer.index && peer.underlying == index && !peer.isUp)

      // Two steps: a link that is up can be renamed only since Linux 6.2.
      try netlink.setLink(index, LinkSettings(isUp: false, alias: ""))
      try netlink.setLink(index, LinkSettings(name: "b0"))
      let changed = try #require(try netlink.link(named: "b0"))
      #expect(changed.index == index && !changed.isUp && changed.alias == nil)
      #expect(try netlink.link(named: "a0") == nil)

      try netlink.deleteLink(index)
      #expect(try netlink.link(index) == nil)
      #expect(try netlink.link(peer.index) == nil)
    }
  }

  @Test func `the other end of a veth pair can be made in another namespace`() throws {
    try withNetworkNamespace {
      let here = try NetlinkConnection()
      let (there, namespace) = try withNetworkNamespace {
        (try NetlinkConnection(), OwnedDescriptorBox(try NetworkNamespace.current()))
      }
      let target = VethPeer.Namespace.descriptor(namespace.value.borrowed)
      try here.createLink("a0", .veth(VethPeer(name: "a1", namespace: target)))
      #expect(try here.link(named: "a1") == nil)
      #expect(try there.link(named: "a1")?.kind == .veth)
      #expect(try NetlinkConnection(in: namespace.value).link(named: "a1") != nil)
    }
  }

  @Test func `a bridge takes and gives up ports`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let bridge = try netlink.createLink("br0", .bridge)
      let port = try netlink.createLink("a0", .veth(VethPeer(name: "a1")), LinkSettings(master: .link(bridge)))
      #expect(try netlink.link(port)?.master == bridge)
      #expect(try netlink.link(bridge)?.kind == .bridge)
      try netlink.setLink(port, LinkSettings(master: LinkSettings.Master.none))
      #expect(try netlink.link(port)?.master == nil)
    }
  }

  @Test(arguments: [["10.0.0.1", "10.0.0.2"], ["2001:db8::1", "2001:db8::2"]])
  func `a vxlan link tells what it was given`(ends: [String]) throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let below = try netlink.createLink("a0", .veth(VethPeer(name: "a1")))
      let vxlan = VXLAN(
        identifier: 42, local: try ip(ends[0]), remote: try ip(ends[1]), port: 8472, underlying: below, learns: false)
      let index = try netlink.createLink("vx0", .vxlan(vxlan))
      #expect(try netlink.link(index)?.info == .vxlan(vxlan))
    }
  }

  @Test func `counters are told when they are asked for`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      #expect(try netlink.link(named: "lo")?.statistics == nil)
      #expect(try netlink.link(named: "lo", statistics: true)?.statistics?.sentPackets == 0)
      #expect(try netlink.links(statistics: true).first?.statistics?.receivedBytes == 0)
    }
  }

  @Test func `a name that is taken is told`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      try netlink.createLink("br0", .bridge)
      let error = #expect(throws: NetlinkError.self) { try netlink.createLink("br0", .bridge) }
      #expect(error?.errno == .fileExists)
      #expect(error?.description == #"cannot add link "br0" of kind bridge: File exists"#)
    }
  }

  @Test(arguments: ["", "a name", "0123456789abcdef", "a/b", ".."])
  func `a name that no link can have is refused`(name: String) throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let error = #expect(throws: NetlinkError.self) { try netlink.createLink(name, .bridge) }
      #expect(error?.errno == .invalidArgument)
      #expect(try netlink.link(named: name) == nil)
    }
  }

  @Test func `a driver that the kernel lacks is told with what to do`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let error = #expect(throws: NetlinkError.self) {
        try netlink.createLink("x0", .other(LinkKind(rawValue: "culvert-none")))
      }
      #expect(
        error?.description == """
          cannot add link "x0" of kind culvert-none: Operation not supported: Unknown device type \
          (the kernel has no driver for culvert-none; load it with "modprobe culvert-none")
          """)
    }
  }

  @Test func `a change that is refused names the link and changes nothing`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let index = try netlink.createLink("a0", .veth(VethPeer(name: "a1")))
      let before = try netlink.link(index)
      let error = #expect(throws: NetlinkError.self) { try netlink.setLink(index, LinkSettings(mtu: 1)) }
      #expect(error?.description == #"cannot change link "a0": Invalid argument: mtu less than device minimum"#)
      #expect(try netlink.link(index) == before)
    }
  }

  @Test func `a link does not become one of another kind`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let index = try netlink.createLink("br0", .bridge)
      let before = try netlink.link(index)
      let error = #expect(throws: NetlinkError.self) {
        try netlink.changeLink(index, .vxlan(VXLAN(identifier: 42)), LinkSettings(mtu: 1400))
      }
      #expect(error?.description.hasPrefix(#"cannot change link "br0": Operation not supported"#) == true)
      #expect(error?.advice?.hasPrefix("a link keeps its kind") == true)
      #expect(try netlink.link(index) == before)
    }
  }

  @Test func `a link that is not there is told by its number`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let error = #expect(throws: NetlinkError.self) { try netlink.deleteLink(InterfaceIndex(rawValue: 99)) }
      #expect(error?.description == "cannot remove link 99: No such device")
      #expect(try netlink.link(InterfaceIndex(rawValue: 99)) == nil)
    }
  }
}

/// Carries a namespace, which cannot be copied, in a tuple.
private final class OwnedDescriptorBox {
  let value: NetworkNamespace

  init(_ value: consuming NetworkNamespace) {
    self.value = value
  }
}
