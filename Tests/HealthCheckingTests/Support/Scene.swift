// SPDX-License-Identifier: MIT
import BPF
import Balancing
import DataPlane
import Health
import HealthChecking
import KernelEngine
import Linux
import Netlink
import TestSupport
import Testing
import Wire

/// What the live tests need from the machine.
enum Host {
  static let reason = "needs CAP_SYS_ADMIN, CAP_NET_ADMIN, CAP_BPF and ip(8)"
  static let isPrivileged = canMakeNetworkNamespaces && Capability.bpf.isEffective
}

/// A director and a real server that holds two virtual addresses, each in a namespace of its own, on one link.
struct Scene: ~Copyable {
  let director: NetworkNamespace
  let server: NetworkNamespace
  let outer: OuterHeader
  /// The family of the outer header.
  let version: IPVersion
  let path: Destination.Path

  static let versions = [IPVersion.v4, .v6]

  static func director(_ version: IPVersion) -> IPAddress { version == .v4 ? .v4("10.0.0.1") : .v6("fd00::1") }
  static func server(_ version: IPVersion) -> IPAddress { version == .v4 ? .v4("10.0.0.2") : .v6("fd00::2") }
  static func virtualAddress(_ version: IPVersion) -> IPAddress {
    version == .v4 ? .v4("203.0.113.80") : .v6("2001:db8:f::80")
  }
}

extension Scene {
  /// Makes it, and runs `body` in the director's namespace.
  static func run<Success>(
    _ encapsulation: Encapsulation = .l2, outer version: IPVersion = .v4, isDecapsulating: Bool = true,
    _ body: (borrowing Scene) throws -> Success
  ) throws -> Success {
    try withNetworkNamespace {
      try Sysctl("net/ipv6/conf/default/accept_dad").write(0)
      let peer = try NetworkNamespace.current()
      return try withNetworkNamespace {
        let link = try prepareServer(peer: peer)
        let path = try peer.run { try preparePath(version, nextHop: link.macAddress ?? .zero) }
        try awaitLink()
        return try withDecapsulator(on: link.index, isDecapsulating ? encapsulation : .l2) {
          let scene = Scene(
            director: try NetworkNamespace(path: "/proc/thread-self/ns/net"), server: try .current(),
            outer: OuterHeader(encapsulation), version: version, path: path)
          return try peer.run { try body(scene) }
        }
      }
    }
  }

  private static func prepareServer(peer: borrowing NetworkNamespace) throws -> Netlink.Link {
    try Sysctl("net/ipv6/conf/default/accept_dad").write(0)
    let netlink = try NetlinkConnection()
    let veth = VethPeer(name: "eth0", namespace: .descriptor(peer.borrowed))
    let index = try netlink.createLink("eth0", .veth(veth), LinkSettings(isUp: true))
    try TestSupport.run("ip", "link", "set", "lo", "up")
    for version in versions {
      try TestSupport.run(
        "ip", "address", "add", "\(server(version))/\(version == .v4 ? 24 : 64)", "dev", "eth0")
      try TestSupport.run("ip", "address", "add", "\(IPPrefix(host: virtualAddress(version)))", "dev", "lo")
    }
    let link = try netlink.link(index)
    return try #require(link)
  }

  private static func preparePath(_ version: IPVersion, nextHop: MACAddress) throws -> Destination.Path {
    try TestSupport.run("ip", "link", "set", "eth0", "up")
    for version in versions {
      try TestSupport.run(
        "ip", "address", "add", "\(director(version))/\(version == .v4 ? 24 : 64)", "dev", "eth0")
    }
    try awaitLink()
    let link = try #require(try NetlinkConnection().link(named: "eth0"))
    return Destination.Path(
      source: IPPrefix(host: director(version)), nextHop: nextHop, egress: link.macAddress ?? .zero,
      interface: link.index.rawValue, mtu: 1500)
  }

  private static func withDecapsulator<Success>(
    on interface: InterfaceIndex, _ encapsulation: Encapsulation, _ body: () throws -> Success
  ) throws -> Success {
    if encapsulation == .l2 { return try body() }
    let directory = try TemporaryDirectory()
    let pins = PinDirectory(root: try BPFFileSystem.mount(at: directory.path), role: .real, interface: "eth0")
    defer { try? BPFFileSystem.unmount(at: directory.path) }
    let decapsulator = try Decapsulator(
      AllowList(
        endpoints: versions.map(server), directors: versions.map { IPPrefix(host: director($0)) },
        virtualAddresses: versions.map { IPPrefix(host: virtualAddress($0)) },
        port: encapsulation.isOverUDP ? OuterHeader.defaultPort : nil))
    _ = try decapsulator.attach(to: interface.rawValue, pins: pins)
    defer { try? pins.detach() }
    return try body()
  }

  private static func awaitLink() throws {
    let netlink = try NetlinkConnection()
    _ = try eventually("the link carries packets", within: .seconds(20)) {
      let link = try netlink.link(named: "eth0")
      let addresses = try link.map { try netlink.addresses(.v6, on: $0.index) } ?? []
      if link?.isRunning == true, !addresses.isEmpty, addresses.allSatisfy({ !$0.flags.contains(.tentative) }) {
        return true
      }
      rest()
      return nil
    }
  }
}
