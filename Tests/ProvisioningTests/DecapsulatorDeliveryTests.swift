// SPDX-License-Identifier: MIT
import BPF
import DataPlane
import KernelEngine
import Linux
import Netlink
import TestSupport
import Testing
import Wire

@testable import Provisioning

/// Culvert's decapsulator between a director's socket and a server's, each in a namespace of its own.
@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct DecapsulatorDeliveryTests {
  /// A director's way to a real server: the kernel makes the outer header, and UDP's.
  struct Way: CustomTestStringConvertible, Sendable {
    let encapsulation: Encapsulation
    let outer: IPVersion
    let inner: IPVersion

    var testDescription: String { "\(encapsulation) \(inner.rawValue)in\(outer.rawValue)" }

    static let all: [Way] = [Encapsulation.ipip, .gre, .greKey, .fou, .gue].flatMap { encapsulation in
      [IPVersion.v4, .v6].flatMap { outer in
        [IPVersion.v4, .v6].map { Way(encapsulation: encapsulation, outer: outer, inner: $0) }
      }
    }

    func send(_ packet: [UInt8]) throws {
      let protocolNumber: UInt8 = inner == .v4 ? 4 : 41
      let type: [UInt8] = inner == .v4 ? [0x08, 0x00] : [0x86, 0xDD]
      switch encapsulation {
      case .ipip, .l2: try raw(protocolNumber, packet)
      case .gre: try raw(47, [0, 0] + type + packet)
      case .greKey: try raw(47, [0x20, 0] + type + [0, 0, 0, 7] + packet)
      case .fou: try udp(packet)
      case .gue: try udp([0, protocolNumber, 0, 0] + packet)
      }
    }

    private func raw(_ protocolNumber: UInt8, _ payload: [UInt8]) throws {
      try PlainSocket.raw(outer, protocolNumber).send(payload, to: DecapsulatorDeliveryTests.endpoint(outer))
    }

    private func udp(_ payload: [UInt8]) throws {
      try PlainSocket.udp(outer).send(payload, to: DecapsulatorDeliveryTests.endpoint(outer), 6080)
    }
  }

  private static func director(_ version: IPVersion) -> IPAddress {
    version == .v4 ? .v4("10.0.0.1") : .v6("fd00::1")
  }

  fileprivate static func endpoint(_ version: IPVersion) -> IPAddress {
    version == .v4 ? .v4("10.0.0.2") : .v6("fd00::2")
  }

  private static func virtualAddress(_ version: IPVersion) -> IPAddress {
    version == .v4 ? .v4("203.0.113.80") : .v6("2001:db8:f::80")
  }

  /// The client's datagram.
  private func question(_ version: IPVersion, _ text: String) -> [UInt8] {
    let packet =
      version == .v4
      ? PacketBuilder().ipv4(from: "198.51.100.7", to: "203.0.113.80")
      : PacketBuilder().ipv6(from: "2001:db8:c::7", to: "2001:db8:f::80")
    return packet.udp(from: 4000, to: 53, payload: Array(text.utf8)).bytes
  }

  /// A real server with both families and a decapsulator that listens to `directors`, and the director's namespace.
  private func withRealServer(
    directors: [IPPrefix], key: UInt32? = nil,
    _ body: (_ counters: () throws -> [DecapsulationVerdict: UInt64], _ onDirector: (() throws -> Void) throws -> Void)
      throws -> Void
  ) throws {
    try withNetworkNamespace {
      let namespace = try NetworkNamespace.current()
      try Scene.run(peer: .descriptor(namespace.borrowed)) { scene in
        try namespace.run { try prepare("d0", Self.director(.v4), Self.director(.v6)) }
        try prepare("eth0", nil, Self.endpoint(.v6))
        try hold()
        try Sysctl("net/ipv4/conf/eth0/rp_filter").write(0)
        let list = AllowList(
          endpoints: [Self.endpoint(.v4), Self.endpoint(.v6)], directors: directors,
          virtualAddresses: [Self.virtualAddress(.v4), Self.virtualAddress(.v6)].map(IPPrefix.init(host:)),
          port: 6080, key: key)
        let pins = PinDirectory(root: try BPFFileSystem(at: scene.bpffs), role: .real, interface: "eth0")
        let link = try #require(try scene.netlink.link(named: "eth0"))
        let decapsulator = try Decapsulator(list)
        _ = try decapsulator.attach(to: link.index.rawValue, pins: pins)
        #expect(try Decapsulator(keptIn: pins).allowList() == list)
        try body({ try Decapsulator(keptIn: pins).counters() }) { work in try namespace.run(work) }
        try pins.detach()
      }
    }
  }

  /// Addresses without the wait for duplicates.
  private func prepare(_ name: String, _ v4: IPAddress?, _ v6: IPAddress) throws {
    for scope in ["all", "default", "lo", name] { try Sysctl("net/ipv6/conf/\(scope)/disable_ipv6").write(0) }
    try run("ip", "link", "set", "lo", "up")
    try run("ip", "link", "set", name, "up")
    if let v4 { try run("ip", "address", "add", "\(v4)/24", "dev", name) }
    try run("ip", "address", "add", "\(v6)/64", "dev", name, "nodad")
  }

  private func hold() throws {
    try run("ip", "address", "add", "203.0.113.80/32", "dev", "lo")
    try run("ip", "address", "add", "2001:db8:f::80/128", "dev", "lo", "nodad")
    try run("ip", "-6", "route", "add", "default", "via", "fd00::1")
  }

  @Test(arguments: Way.all)
  func `A client's datagram reaches the server by every encapsulation`(way: Way) throws {
    let directors = [Self.director(.v4), Self.director(.v6)].map(IPPrefix.init(host:))
    try withRealServer(directors: directors) { counters, onDirector in
      let server = try PlainSocket.udp(way.inner, boundTo: Self.virtualAddress(way.inner), 53)
      try onDirector { try way.send(question(way.inner, "question")) }
      #expect(String(decoding: try server.receive(), as: UTF8.self) == "question")
      #expect(try counters()[.decapsulated] == 1)
    }
  }

  @Test func `Directors in a prefix are heard, others and other keys are counted`() throws {
    let directors = [try prefix("10.0.0.0/29"), try prefix("fd00:1::/32")]
    try withRealServer(directors: directors, key: 7) { counters, onDirector in
      let server = try PlainSocket.udp(.v4, boundTo: Self.virtualAddress(.v4), 53)
      try onDirector {
        try Way(encapsulation: .ipip, outer: .v6, inner: .v4).send(question(.v4, "from fd00::1"))
        try Way(encapsulation: .gre, outer: .v4, inner: .v4).send(question(.v4, "without a key"))
        try Way(encapsulation: .greKey, outer: .v4, inner: .v4).send(question(.v4, "welcome"))
      }
      #expect(String(decoding: try server.receive(), as: UTF8.self) == "welcome")
      let counted = try counters()
      #expect(counted[.unknownDirector] == 1 && counted[.wrongKey] == 1 && counted[.decapsulated] == 1)
    }
  }
}
