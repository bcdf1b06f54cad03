// SPDX-License-Identifier: MIT
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing
import Wire

@testable import Netlink

@Suite(.enabled(if: canMakeNetworkNamespaces, "needs CAP_SYS_ADMIN and CAP_NET_ADMIN"))
struct `Thousands of entries in a fresh namespace` {
  /// The cheapest link that most kernels have.
  private static let ifb = LinkInfo.other(LinkKind(rawValue: "ifb"))
  private static let hasIFB =
    canMakeNetworkNamespaces
    && (try? withNetworkNamespace { try NetlinkConnection().createLink("ifb9", ifb) }) != nil

  /// 10,000 with CULVERT_LONG: so many take ten seconds and more, in which tests of other suites, which want the kernel's
  /// one lock for links too, wait and run out of time.
  private static let manyLinks = getenv("CULVERT_LONG") == nil ? 2000 : 10_000

  private static func links(_ count: Int, _ info: (Int) -> LinkInfo) -> [NewLink] {
    (0..<count).map { NewLink("x\($0)", info($0), LinkSettings(mtu: 1400)) }
  }

  /// The addresses of a prefix, one after the other.
  private static func addresses(_ count: Int, _ version: IPVersion) -> [IPAddress] {
    (1...count).map { number in
      switch version {
      case .v4: .v4(IPv4Address(bits: 0x0A00_0000 + UInt32(number)))
      case .v6: .v6(IPv6Address(high: 0x2001_0db8_0000_0000, low: UInt64(number)))
      }
    }
  }

  @Test func `a thousand links are made in one batch in less than ten seconds, and nothing is left of them`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let before = try netlink.links()
      let wanted = Self.links(1000) { .vxlan(VXLAN(identifier: UInt32($0), local: "10.0.0.1")) }
      let clock = ContinuousClock()
      var made: [InterfaceIndex] = []
      let making = try clock.measure { made = try netlink.createLinks(wanted) }
      let reading = try clock.measure {
        let found = try netlink.links().filter { $0.kind == .vxlan }
        #expect(found.map(\.index) == made && found.map(\.name) == wanted.map(\.name))
        #expect(found.map(\.info) == wanted.map(\.info))
      }
      let removing = try clock.measure { try netlink.deleteLinks(made) }
      print("1000 links: made in \(making), read in \(reading), removed in \(removing)")
      #expect(making + removing < .seconds(10))
      #expect(try netlink.links() == before)
    }
  }

  @Test(.enabled(if: hasIFB, "the kernel has no ifb links"))
  func `thousands of links are read, each once`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let before = try netlink.links().count
      let wanted = Self.links(Self.manyLinks) { _ in Self.ifb }
      let clock = ContinuousClock()
      let making = try clock.measure { try netlink.createLinks(wanted) }
      var found: [Link] = []
      let reading = try clock.measure { found = try netlink.links() }
      #expect(found.count == before + wanted.count && Set(found.map(\.index)).count == found.count)
      #expect(Set(found.map(\.name)).isSuperset(of: wanted.map(\.name)))
      let removing = try clock.measure { try netlink.deleteLinks(found.filter { $0.mtu == 1400 }.map(\.index)) }
      print("\(wanted.count) links: made in \(making), read in \(reading), removed in \(removing)")
      #expect(try netlink.links().count == before)
    }
  }

  @Test(arguments: [IPVersion.v4, .v6])
  func `ten thousand neighbours and routes are read, each once`(version: IPVersion) throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let index = try netlink.createLink("a0", .veth(VethPeer(name: "a1")), LinkSettings(isUp: true))
      let addresses = Self.addresses(10_000, version)
      var batch = NetlinkBatch()
      for address in addresses {
        try batch.addNeighbour(Neighbour(interface: index, address: address, macAddress: MACAddress(bits: 2)))
        try batch.addRoute(Route(destination: IPPrefix(host: address), interface: index))
      }
      let clock = ContinuousClock()
      let making = try clock.measure { try netlink.commit(batch) }
      var neighbours: [Neighbour] = []
      var routes: [Route] = []
      let readingNeighbours = try clock.measure { neighbours = try netlink.neighbours(version) }
      let readingRoutes = try clock.measure { routes = try netlink.routes(version, protocol: .culvert) }
      #expect(neighbours.filter { $0.state == .permanent }.count == addresses.count)
      #expect(Set(neighbours.map(\.address)).isSuperset(of: addresses))
      #expect(routes.count == addresses.count && Set(routes.map(\.destination.address)) == Set(addresses))
      print("10000 neighbours of \(version): read in \(readingNeighbours); routes: read in \(readingRoutes);")
      print("both made in \(making)")
    }
  }

  @Test func `a list is read anew if it changes while it is read`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let other = try NetlinkConnection()
      try other.createLinks(Self.links(500) { .vxlan(VXLAN(identifier: UInt32($0))) })
      var attempts = 0
      var isFirst = true
      let found = try netlink.collect(.links()) { message throws(MalformedMessage) in
        let link = try Link(message)
        if link?.name == "lo" { attempts += 1 }
        if isFirst { _ = try? other.createLink("late", .bridge) }
        isFirst = false
        return link
      }
      #expect(attempts == 2)
      #expect(found.sorted { $0.index < $1.index } == (try other.links()) && found.contains { $0.name == "late" })
    }
  }

  @Test func `a list that never stands still is refused, not told with gaps`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let other = try NetlinkConnection()
      let lo = try #require(try other.link(named: "lo")).index
      try other.createLinks(Self.links(500) { .vxlan(VXLAN(identifier: UInt32($0))) })
      var number: UInt32 = 0
      let error = #expect(throws: NetlinkError.self) {
        _ = try netlink.collect(.links()) { message throws(MalformedMessage) in
          let link = try Link(message)
          if link?.index == lo {
            number += 1
            _ = try? other.createLink("late\(number)", .bridge)
          }
          return link
        }
      }
      let words = "cannot list links: Interrupted system call (the tables changed each"
      #expect(error?.description.hasPrefix(words) == true)
      // The connection is in step again.
      #expect(try netlink.links() == other.links())
    }
  }

  @Test func `a datagram that is larger than expected is received whole`() throws {
    try withNetworkNamespace {
      try NetlinkConnection().createLinks(Self.links(20) { .vxlan(VXLAN(identifier: UInt32($0))) })
      var socket = try NetlinkSocket(capacity: 64)
      try socket.send(Request.links().bytes, "list links")
      var names: Set<String> = []
      var isComplete = false
      while !isComplete {
        try socket.receive("list links") { message throws(NetlinkError) in
          do throws(MalformedMessage) {
            if let link = try Link(message) { names.insert(link.name) }
          } catch {
            if message.type != .done { throw NetlinkError(operation: "list links", malformed: error) }
          }
          if message.type == .done { isComplete = true }
        }
      }
      #expect(names.isSuperset(of: (0..<20).map { "x\($0)" }))
    }
  }
}
