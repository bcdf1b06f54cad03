// SPDX-License-Identifier: MIT
import Linux
import SystemPackage
import TestSupport
import Testing
import Wire

@testable import Netlink

@Suite(.enabled(if: canMakeNetworkNamespaces, "needs CAP_SYS_ADMIN and CAP_NET_ADMIN"))
struct `Tunnels in a fresh namespace` {
  /// A tunnel with every setting that all drivers of its outer version have.
  private static func example(_ kind: Tunnel.Kind) throws -> Tunnel {
    let outer = kind.outer == .v4 ? ["192.0.2.1", "198.51.100.7"] : ["2001:db8::1", "2001:db8::2"]
    var tunnel = Tunnel(local: try ip(outer[0]), remote: try ip(outer[1]), ttl: 64, tos: 1)
    if kind.isGRE { (tunnel.inputKey, tunnel.outputKey) = (7, 9) }
    if kind.choosesPayload { tunnel.payload = .ipv6 }
    return tunnel
  }

  private static func canMake(_ kind: Tunnel.Kind) -> Bool {
    guard canMakeNetworkNamespaces else { return false }
    return (try? withNetworkNamespace { try NetlinkConnection().createLink("t0", .tunnel(kind, example(kind))) }) != nil
  }

  private static let kinds = Tunnel.Kind.allCases.filter(canMake)
  private static let canOpenPorts =
    canMakeNetworkNamespaces && (try? withNetworkNamespace { try FOUConnection() != nil }) == true
  private static let noPorts = "the kernel has no Foo over UDP: 'modprobe fou fou6' where there are modules"

  @Test(arguments: Tunnel.Kind.allCases)
  func `one is made as it was described, or its driver is missing`(kind: Tunnel.Kind) throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let tunnel = try Self.example(kind)
      do {
        let index = try netlink.createLink("t0", .tunnel(kind, tunnel))
        #expect(try netlink.link(index)?.info == .tunnel(kind, tunnel))
      } catch let error as NetlinkError {
        #expect(error.errno == .notSupported)
        #expect(error.description.contains("the kernel has no driver for \(kind.rawValue); load it with \"modprobe "))
        #expect(try netlink.link(named: "t0") == nil)
      }
    }
  }

  @Test(.enabled(if: !kinds.isEmpty, "the kernel has no tunnel drivers"), arguments: kinds)
  func `a fixed traffic class and time to live come back`(kind: Tunnel.Kind) throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      var tunnel = try Self.example(kind)
      (tunnel.tos, tunnel.ttl) = (0xb8, 7)
      if kind.outer == .v6 { tunnel.encapsulationLimit = 3 }
      let index = try netlink.createLink("t0", .tunnel(kind, tunnel))
      #expect(try netlink.link(index)?.info == .tunnel(kind, tunnel))
    }
  }

  @Test(.enabled(if: !kinds.isEmpty, "the kernel has no tunnel drivers"), arguments: kinds)
  func `one is changed to every setting and back, and reads back as its driver keeps it`(kind: Tunnel.Kind) throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let first = try Self.example(kind)
      let index = try netlink.createLink("t0", .tunnel(kind, first), LinkSettings(mtu: 1300))
      for change in Self.changes(canOpenPorts: Self.canOpenPorts) {
        var tunnel = first
        change(&tunnel)
        if kind.keepsPayload { tunnel.payload = first.payload }
        for wanted in [tunnel, first] {
          try netlink.changeLink(index, .tunnel(kind, wanted), LinkSettings(mtu: 1300))
          let link = try netlink.link(index)
          #expect(link?.info == .tunnel(kind, wanted.kept(by: kind)), "\(wanted)")
          #expect(link?.mtu == 1300)
        }
      }
    }
  }

  /// One setting at a time.
  private static func changes(canOpenPorts: Bool) -> [(inout Tunnel) -> Void] {
    let settings: [(inout Tunnel) -> Void] = [
      { $0.ttl = 0 }, { $0.tos = 0 }, { $0.tos = 0xb8 }, { $0.discoversPathMTU = false },
      { ($0.ttl, $0.discoversPathMTU) = (0, false) }, { $0.encapsulationLimit = 0 }, { $0.encapsulationLimit = 4 },
      { $0.flowLabel = nil }, { $0.flowLabel = 0xF_FFFF }, { $0.payload = .ipv4 }, { $0.payload = .any },
      { ($0.inputKey, $0.outputKey) = (nil, nil) }, { $0.inputKey = 0 }, { $0.local = nil },
      { $0.underlying = InterfaceIndex(rawValue: 1) },
    ]
    let inUDP = [UDPEncapsulation.Format.direct, .gue].map { format -> (inout Tunnel) -> Void in
      { $0.udp = UDPEncapsulation(format, sourcePort: 7, destinationPort: 6080, options: [.checksum4, .checksum6]) }
    }
    return settings + (canOpenPorts ? inUDP : [])
  }

  @Test(.enabled(if: canOpenPorts && !kinds.isEmpty, "\(noPorts)"), arguments: kinds)
  func `one in UDP is made as it was described`(kind: Tunnel.Kind) throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      for format in [UDPEncapsulation.Format.direct, .gue] {
        var tunnel = try Self.example(kind)
        tunnel.udp = UDPEncapsulation(format, destinationPort: 6080, options: .checksum6)
        let index = try netlink.createLink("t0", .tunnel(kind, tunnel))
        #expect(try netlink.link(index)?.info == .tunnel(kind, tunnel))
        try netlink.deleteLink(index)
      }
    }
  }

  @Test(.enabled(if: canOpenPorts, "\(noPorts)"))
  func `ports are opened, listed and closed, each version of IP for itself`() throws {
    try withNetworkNamespace {
      let connection = try #require(try FOUConnection())
      let ports = [
        FOUPort(version: .v4, port: 6080, content: .gue), FOUPort(version: .v6, port: 6080, content: .gue),
        FOUPort(version: .v4, port: 6081, content: .direct(4)),
        FOUPort(version: .v6, port: 6082, content: .direct(47)),
      ]
      for port in ports { try connection.addPort(port) }
      #expect(Set(try connection.ports()) == Set(ports))
      let twice = #expect(throws: NetlinkError.self) { try connection.addPort(ports[0]) }
      #expect(twice?.errno == .addressInUse)
      #expect(twice?.description.hasPrefix("cannot open UDP port 6080 of IPv4 for tunnels: ") == true)
      for port in ports { try connection.deletePort(port) }
      #expect(try connection.ports() == [])
    }
  }

  @Test(.enabled(if: canMakeNetworkNamespaces && !canOpenPorts, "this kernel has Foo over UDP"))
  func `a kernel without Foo over UDP is told apart from errors`() throws {
    #expect(try withNetworkNamespace { try FOUConnection() == nil })
  }
}
