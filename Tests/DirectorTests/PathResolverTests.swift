// SPDX-License-Identifier: MIT
import DataPlane
import Glibc
import Netlink
import TestSupport
import Testing
import Wire

@testable import Director

@Suite(.enabled(if: canMakeNetworkNamespaces, why))
struct `The way to a real server` {
  /// What the resolver says in the end: next hops that do not answer at once are asked.
  private func way(
    to server: IPv4Address, sources: [IPPrefix] = [], until isFinal: (PathState) -> Bool = { $0.path != nil }
  ) throws -> PathState {
    let server = IPAddress.v4(server)
    var resolver = PathResolver(try NetlinkConnection(), sources: sources)
    return try eventually("the way to \(server)") {
      guard let state = try resolver.resolve([server])[server], isFinal(state) else {
        rest()
        return nil
      }
      return state
    }
  }

  private func path(
    source: IPv4Address = "192.0.2.10", nextHop: MACAddress = "02:00:00:00:00:01", mtu: UInt16 = 1500
  ) -> PathState {
    path(source: IPPrefix(host: .v4(source)), nextHop: nextHop, mtu: mtu)
  }

  private func path(
    source: IPPrefix, nextHop: MACAddress = "02:00:00:00:00:01", mtu: UInt16 = 1500
  ) -> PathState {
    .path(
      Destination.Path(
        source: source, nextHop: nextHop, egress: "02:00:00:00:00:10", interface: if_nametoindex("eth0"), mtu: mtu))
  }

  @Test func `leads through the next hop of its route`() throws {
    try Lab.run { _ in
      let found = try way(to: "10.1.0.11")
      #expect(found == path())
    }
  }

  @Test func `leads to it directly on the same network`() throws {
    try Lab.run { _ in
      let found = try way(to: "192.0.2.1")
      #expect(found == path())
    }
  }

  @Test func `has the source that was asked for`() throws {
    try Lab.run { _ in
      let found = try way(to: "10.1.0.11", sources: [IPPrefix(host: .v4("192.0.2.77"))])
      #expect(found == path(source: "192.0.2.77"))
    }
  }

  @Test func `has the range of sources that was asked for in its own family`() throws {
    try Lab.run { _ in
      let range = try #require(IPPrefix(address: .v4("192.0.2.64"), length: 28))
      let other = IPPrefix(host: .v6("2001:db8::1"))
      #expect(try way(to: "10.1.0.11", sources: [other, range]) == path(source: range))
      #expect(try way(to: "10.1.0.11", sources: [other]) == path())
    }
  }

  @Test func `has the source that the route prefers`() throws {
    try Lab.run { lab in
      try lab.ip("address add 192.0.2.20/24 dev eth0")
      try lab.ip("route add 10.3.0.0/16 via 192.0.2.1 src 192.0.2.20")
      #expect(try way(to: "10.3.0.1") == path(source: "192.0.2.20"))
    }
  }

  @Test func `is as wide as the link, unless the route says less`() throws {
    try Lab.run { lab in
      try lab.ip("link set eth0 mtu 1480")
      try lab.ip("route add 10.2.0.0/16 via 192.0.2.1 mtu 1400")
      #expect(try way(to: "10.1.0.11") == path(mtu: 1480))
      #expect(try way(to: "10.2.0.11") == path(mtu: 1400))
    }
  }

  @Test func `stays the last known one while the next hop is asked again`() throws {
    try Lab.run { lab in
      var resolver = PathResolver(try NetlinkConnection(), sources: [])
      let server = IPAddress.v4("10.1.0.11")
      try lab.ip("neighbour replace 192.0.2.1 dev eth0 lladdr 02:00:00:00:00:77 nud stale")
      #expect(try resolver.resolve([server])[server] == path(nextHop: "02:00:00:00:00:77"))
      try lab.ip("neighbour flush dev eth0")
      #expect(try resolver.resolve([server])[server] == path(nextHop: "02:00:00:00:00:77"))
    }
  }

  @Test(
    arguments: [
      ("198.18.0.1", "no route: Network is unreachable"),
      ("192.0.2.10", "192.0.2.10 is an address of this host"),
      ("192.0.2.255", "192.0.2.255 is not the address of one host"),
      ("192.0.2.77", "next hop 192.0.2.77 does not answer on eth0"),
      ("10.8.0.1", "next hop 192.0.2.78 does not answer on eth0"),
      ("10.9.0.1", "no route: No route to host"),
    ] as [(IPv4Address, String)])
  func `is missing for a reason`(_ server: IPv4Address, _ reason: String) throws {
    try Lab.run { lab in
      try lab.ip("link set lo up")
      try lab.ip("route add 10.8.0.0/16 via 192.0.2.78")
      try lab.ip("route add unreachable 10.9.0.0/16")
      #expect(try way(to: server) { $0.path == nil } == .unreachable(reason))
    }
  }

  @Test func `is waited for as long as a next hop may answer`() throws {
    try Lab.run { lab in
      #expect(try PathState.lookUp(.v4("10.1.0.11"), sources: [], patience: .seconds(5)) == path())
      let start = ContinuousClock.now
      let missing = try PathState.lookUp(.v4("198.18.0.1"), sources: [], patience: .seconds(60))
      #expect(missing == .unreachable("no route: Network is unreachable"))
      #expect(ContinuousClock.now - start < .seconds(30))
      let silent = try PathState.lookUp(.v4("192.0.2.77"), sources: [], patience: .milliseconds(50))
      #expect(silent == .unreachable("next hop 192.0.2.77 does not answer on eth0"))
    }
  }

  @Test func `is missing when the interface goes down`() throws {
    try Lab.run { lab in
      try lab.ip("link set eth0 down")
      #expect(try way(to: "10.1.0.11") { $0.path == nil } == .unreachable("no route: Network is unreachable"))
    }
  }

  @Test func `is missing once the next hop has failed to answer`() throws {
    try Lab.run { lab in
      var resolver = PathResolver(try NetlinkConnection(), sources: [])
      let server = IPAddress.v4("10.1.0.11")
      try lab.ip("neighbour replace 192.0.2.1 dev eth0 lladdr 02:00:00:00:00:77 nud stale")
      #expect(try resolver.resolve([server])[server] == path(nextHop: "02:00:00:00:00:77"))
      try lab.ip("neighbour replace 192.0.2.1 dev eth0 nud failed")
      #expect(
        try resolver.resolve([server])[server] == .unreachable("next hop 192.0.2.1 does not answer on eth0"))
    }
  }
}
