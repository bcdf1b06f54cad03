// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import DataPlane
import TestSupport
import Testing
import Wire

@Suite struct `The meaning of every key` {
  private func full(_ old: String = "full", _ new: String = "full") throws -> DirectorConfiguration {
    let text = old == new ? Example.full : Example.with(old, new, in: Example.full)
    return try DirectorConfiguration.read(text: text, file: "c.yaml").configuration
  }

  private func service(_ name: String) throws -> Service {
    try #require(full().services.first { $0.name == name })
  }

  @Test func `sources are one prefix for each family, IPv4 first`() throws {
    #expect(try full().sources.map(\.description) == ["192.0.2.0/28", "2001:db8::10/128"])
  }

  @Test func `limits are for each CPU`() throws {
    #expect(try full().limits == RateLimits(flows: 2_000, replies: 50))
    #expect(
      try full("replies-per-second: 50", "replies-per-second: 0").limits == RateLimits(flows: 2_000, replies: 0))
  }

  @Test func `what is balanced is services, policies and limits`() throws {
    let configuration = try full()
    #expect(
      configuration.balancing
        == BalancingConfiguration(
          services: configuration.services, policies: configuration.policies, limits: configuration.limits))
  }

  @Test(arguments: [
    ("a1", OuterHeader(.ipip)),
    ("a2", OuterHeader(.greKey, key: 42, timeToLive: 32, forbidsFragmentation: false)),
    ("a3", OuterHeader(.l2)),
    ("b1", OuterHeader(.gue, port: 6_081, computesUDPChecksum: true)),
    ("b2", OuterHeader(.fou, timeToLive: 255)),
    ("b3", OuterHeader(.l2)),
  ])
  func `a server has an outer header`(name: String, outer: OuterHeader) throws {
    #expect(try full().servers.first { $0.name == name }?.outer == outer)
  }

  @Test(arguments: [
    ("key: 42", OuterHeader(.greKey, key: 42)), ("key: 0", OuterHeader(.greKey)),
    ("key: 4294967295", OuterHeader(.greKey, key: .max)), ("ttl: 1", OuterHeader(.gre, timeToLive: 1)),
    ("fragmentation: forbid", OuterHeader(.gre)),
  ])
  func `GRE with a key is another encapsulation`(entry: String, outer: OuterHeader) throws {
    let configuration = try full("key: 42, ttl: 32, fragmentation: allow", entry)
    #expect(configuration.servers.first { $0.name == "a2" }?.outer == outer)
  }

  @Test func `policies are for the addresses of services`() throws {
    #expect(
      try full().policies == [
        VirtualAddressPolicy(
          prefix: #require(IPPrefix("203.0.113.80")), unconfiguredPorts: .reset, echo: .whileServing),
        VirtualAddressPolicy(prefix: #require(IPPrefix("2001:db8:80::/64")), unconfiguredPorts: .drop, echo: .never),
      ])
  }

  @Test(arguments: [
    ("web", "203.0.113.80", 8_000...8_099, TransportProtocol.tcp),
    ("calls", "2001:db8:80::/64", ServiceMatch.allPorts, .udp),
    ("vpn", "203.0.113.64/28", 0...0, .esp),
    ("echo", "203.0.113.7", 7...7, .sctp),
  ])
  func `a service is for addresses, ports and a protocol`(
    name: String, prefix: String, ports: ClosedRange<UInt16>, transport: TransportProtocol
  ) throws {
    let match = ServiceMatch(prefix: try #require(IPPrefix(prefix)), ports: ports, transportProtocol: transport)
    #expect(try service(name).match == match)
  }

  @Test(arguments: [
    ("web", Tracking.transitions, Affinity.flow, true),
    ("calls", .always, Affinity(kind: .source, clientBits: 56), false),
    ("vpn", .none, Affinity(kind: .sourceAndDestination), false),
    ("echo", .none, Affinity(kind: .source, clientBits: 96 + 24), false),
  ])
  func `a service says what is remembered and what stays together`(
    name: String, tracking: Tracking, affinity: Affinity, hashesFragments: Bool
  ) throws {
    let service = try service(name)
    #expect(service.tracking == tracking)
    #expect(service.affinity == affinity)
    #expect(service.hashesFragments == hashesFragments)
  }

  @Test(
    arguments: [
      ("tcp", 6), ("udp", 17), ("sctp", 132), ("udplite", 136), ("6", 6), ("17", 17), ("132", 132), ("136", 136),
    ] as [(String, UInt8)])
  func `protocols with ports`(text: String, number: UInt8) throws {
    let services = try full("protocol: sctp", "protocol: \(text)").services
    #expect(services.last?.match.transportProtocol == TransportProtocol(rawValue: number))
    #expect(services.last?.match.ports == 7...7)
    #expect(services.last?.tracking == (number == 6 ? .transitions : Tracking.none))
  }

  @Test(arguments: [("esp", 50), ("ah", 51), ("50", 50), ("4", 4), ("47", 47), ("255", 255)] as [(String, UInt8)])
  func `protocols without ports`(text: String, number: UInt8) throws {
    let services = try full("protocol: esp", "protocol: \(text)").services
    #expect(services[2].match.transportProtocol == TransportProtocol(rawValue: number))
    #expect(services[2].match.ports == 0...0)
  }

  @Test(
    arguments: [
      ("1", 1...1), ("65535", 65_535...65_535), ("80-80", 80...80), ("1-65535", 1...65_535), ("all", 0...65_535),
    ] as [(String, ClosedRange<UInt16>)])
  func `ports`(text: String, ports: ClosedRange<UInt16>) throws {
    #expect(try full("port: 7\n", "port: \(text)\n").services.last?.match.ports == ports)
  }
}

@Suite struct `What is doubtful` {
  private func warnings(_ services: String) throws -> [String] {
    let text = """
      director: { interface: eth0 }
      servers: { a1: { address: 10.1.0.11 } }
      services:
      \(services.split(separator: "\n").map { "  \($0)\n" }.joined())
      """
    return try DirectorConfiguration.read(text: text, file: "c.yaml").warnings.map(\.description)
  }

  @Test func `a longer prefix inside a shorter one takes all ports`() throws {
    let found = try warnings(
      """
      all: { address: 203.0.113.0/24, port: all, servers: [a1] }
      one: { address: 203.0.113.80, port: 80, servers: [a1] }
      two: { address: 203.0.113.80, port: 443, servers: [a1] }
      six: { address: 2001:db8::80, port: 80, servers: [a1] }
      """)
    #expect(
      found == [
        """
        c.yaml:5:19: service "one" takes 203.0.113.80 out of 203.0.113.0/24 of service "all" (line 4) with all ports \
        and protocols: those that no service of 203.0.113.80 is for do not fall back to the shorter prefix
        """
      ])
  }

  @Test func `the shorter prefix that is named is the closest`() throws {
    let found = try warnings(
      """
      n8: { address: 20.0.0.0/8, port: 80, servers: [a1] }
      n24: { address: 20.9.9.0/24, port: 80, servers: [a1] }
      n32: { address: 20.9.9.9, port: 80, servers: [a1] }
      """)
    #expect(found.count == 2)
    #expect(found.first?.contains(#"out of 20.0.0.0/8 of service "n8" (line 4)"#) == true)
    #expect(found.last?.contains(#"out of 20.9.9.0/24 of service "n24" (line 5)"#) == true)
  }

  @Test func `ranges that lie in each other are no contradiction`() throws {
    let found = try warnings(
      """
      all: { address: 203.0.113.80, port: all, servers: [a1] }
      some: { address: 203.0.113.80, port: 8000-8099, servers: [a1] }
      one: { address: 203.0.113.80, port: 8000, servers: [a1] }
      datagrams: { address: 203.0.113.80, port: 8050-8150, protocol: udp, servers: [a1] }
      """)
    #expect(found.isEmpty)
  }
}
