// SPDX-License-Identifier: MIT
import Configuration
import DataPlane
import TestSupport
import Testing
import Wire

@testable import Balancing

@Suite struct `Services and addresses that contradict each other` {
  /// A file whose services, one a line from line 6 on, have the server `a1`.
  private func found(_ services: [String], source: String = "192.0.2.10") -> [String] {
    let lines = services.enumerated().map { "  v\($0): { address: \($1), servers: [a1] }\n" }.joined()
    return problems(
      in: """
        director: { interface: eth0, source: \(source) }
        servers:
          a1: { address: 10.1.0.11 }
          b1: { address: "2001:db8:2::11" }
        services:
        \(lines)
        """)
  }

  @Test(arguments: [
    ("203.0.113.80, port: 80", "203.0.113.80/32, port: 80-80", "has the same address, protocol and port as"),
    ("203.0.113.0/24, port: all", "203.0.113.0/24, port: all", "has the same address, protocol and port as"),
    ("203.0.113.80, protocol: esp", "203.0.113.80, protocol: 50", "has the same address and protocol as"),
    ("\"2001:db8::\", port: 80", "\"2001:db8:0::\", port: 80", "has the same address, protocol and port as"),
  ])
  func `the same twice`(first: String, second: String, said: String) {
    #expect(found([first, second]) == [#"c.yaml:7:3: service "v1" \#(said) service "v0" (line 6)"#])
  }

  @Test func `ranges that cross`() {
    #expect(
      found(["203.0.113.80, port: 80-90", "203.0.113.80, port: 85-95", "203.0.113.80, port: 90-91"]) == [
        """
        c.yaml:7:38: ports 85-95 of service "v1" cross ports 80-90 of service "v0" (line 6) at the same address: keep \
        them apart, or let one range lie in the other, which then has the rest
        """,
        """
        c.yaml:8:38: ports 90-91 of service "v2" cross ports 80-90 of service "v0" (line 6) at the same address: keep \
        them apart, or let one range lie in the other, which then has the rest
        """,
      ])
  }

  @Test(arguments: [
    ["203.0.113.80, port: 80-90", "203.0.113.80, port: 91-95"],
    ["203.0.113.80, port: 80-90", "203.0.113.80, port: 80-85"],
    ["203.0.113.80, port: 80-90", "203.0.113.80, port: 85-95, protocol: udp"],
    ["203.0.113.80, port: 80-90", "203.0.113.81, port: 85-95"],
    ["203.0.113.80, port: 80-90", "203.0.113.0/24, port: 85-95"],
  ])
  func `neighbours that do not`(services: [String]) {
    #expect(found(services).isEmpty)
  }

  @Test(arguments: [
    ("10.1.0.0/16, port: 80", #"3:18: server "a1" is among the addresses of service "v0": 10.1.0.0/16"#),
    ("10.1.0.11, port: 80", #"3:18: server "a1" has the address of service "v0": 10.1.0.11"#),
    ("2001:db8:2::/64, port: 80", #"4:18: server "b1" is among the addresses of service "v0": 2001:db8:2::/64"#),
    (
      "192.0.2.0/24, port: 80",
      #"1:38: the director's source is among the addresses of service "v0": 192.0.2.0/24"#
    ),
    ("192.0.2.10, port: 80", #"1:38: the director's source is the address of service "v0": 192.0.2.10"#),
  ])
  func `virtual addresses of machines`(service: String, said: String) {
    #expect(found([service]) == ["c.yaml:\(said)"])
  }

  @Test func `a range of sources around a virtual address`() {
    #expect(
      found(["192.0.2.130, port: 80"], source: "192.0.2.128/25") == [
        #"c.yaml:1:38: the director's source holds the address of service "v0": 192.0.2.130"#
      ])
  }

  @Test func `seven prefix lengths are enough for everybody`() {
    let lengths = (24...30).map { "20.\($0).0.0/\($0), port: 80" }
    // In the tables an IPv4 prefix of 24 bits is one of 120.
    #expect(found(lengths + ["20.0.0.1, port: 80", "2001:db8:8::/120, port: 80"]).isEmpty)
    #expect(
      found(lengths + ["2001:db8:8::/64, port: 80", "20.31.0.0/31, port: 80"]) == [
        """
        c.yaml:13:18: with service "v7" there are more than 7 different prefix lengths besides single addresses; an \
        IPv4 length counts as that of IPv6 which is 96 more
        """
      ])
  }

  @Test func `16 ranges of one address and protocol are enough for everybody`() {
    let ranges = (1...16).map { "203.0.113.80, port: \($0 * 100)-\($0 * 100 + 9)" }
    let single = ["203.0.113.80, port: 99", "203.0.113.80, port: 5-6, protocol: udp", "203.0.113.81, port: 5-6"]
    #expect(found(ranges + single).isEmpty)
    #expect(
      found(ranges + single + ["203.0.113.80, port: all"]) == [
        """
        c.yaml:25:3: with service "v19" there are more than 16 services for tcp at 203.0.113.80, those of one port at a \
        single address aside
        """
      ])
  }

  @Test func `every port of a prefix takes a range`() {
    let services = (1...17).map { "203.0.113.0/24, port: \($0)" }
    #expect(found(services).count == 1)
  }

  @Test func `the file refuses what the tables cannot hold, and nothing else`() throws {
    let seed = SplitMix64.freshSeed()
    print("seed \(seed)")
    var random = SplitMix64(seed: seed)
    var refused = 0
    for _ in 0..<400 {
      let count = Int.random(in: 2...24, using: &random)
      let matches = (0..<count).map { _ in ServiceMatch.crowded(lengths: 8 + count / 3, using: &random) }
      let problems = found(matches.map(\.entries))
      let error = Self.error(for: matches)
      #expect(problems.isEmpty == (error == nil), "\(problems) but \(String(describing: error))")
      refused += error == nil ? 0 : 1
    }
    #expect(20...380 ~= refused)
  }

  /// What the control plane says about services for these packets.
  private static func error(for matches: [ServiceMatch]) -> StateError? {
    let services = matches.enumerated().map { number, match in
      Service(
        name: "v\(number)", match: match, tracking: .none, idleTimeout: .seconds(1), drainTimeout: .seconds(1),
        members: [])
    }
    do throws(StateError) {
      try StateError.check(BalancingConfiguration(services: services))
      return nil
    } catch {
      return error
    }
  }
}

extension ServiceMatch {
  /// As a file has it.
  fileprivate var entries: String {
    let name = transportProtocol == .tcp ? "tcp" : "udp"
    return "\"\(prefix)\", port: \(ports.lowerBound)-\(ports.upperBound), protocol: \(name)"
  }

  /// One of few, so that many of them collide.
  fileprivate static func crowded(lengths: Int, using random: inout some RandomNumberGenerator) -> ServiceMatch {
    let length = Bool.random(using: &random) ? 32 : Int.random(in: 25...min(32, 17 + lengths), using: &random)
    let base = IPAddress.v4(IPv4Address(bits: 0xCB00_7100))
    let six = IPAddress.v6(IPv6Address(high: 0x2001_0DB8_0000_0080, low: 0))
    let four = IPPrefix(address: base, length: length)
    let first = UInt16.random(in: 1...60, using: &random)
    return ServiceMatch(
      prefix: (Int.random(in: 0..<6, using: &random) == 0 ? IPPrefix(address: six, length: length * 2 + 32) : four)
        ?? IPPrefix(host: base),
      ports: first...(first + UInt16.random(in: 0...1, using: &random)),
      transportProtocol: Bool.random(using: &random) ? .tcp : .udp)
  }
}
