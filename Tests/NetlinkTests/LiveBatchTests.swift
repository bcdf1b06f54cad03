// SPDX-License-Identifier: MIT
import Linux
import SystemPackage
import TestSupport
import Testing
import Wire

@testable import Netlink

@Suite struct `A batch is divided` {
  private func batch(_ count: Int, aliasBytes: Int) throws -> NetlinkBatch {
    var batch = NetlinkBatch()
    for number in 1...count {
      let settings = LinkSettings(alias: String(repeating: "x", count: aliasBytes))
      try batch.setLink(InterfaceIndex(rawValue: UInt32(number)), settings)
    }
    return batch
  }

  @Test(arguments: [(1, [1]), (64, [64]), (65, [64, 1]), (200, [64, 64, 64, 8])])
  func `by the number of its requests`(count: Int, lengths: [Int]) throws {
    #expect(try batch(count, aliasBytes: 4).datagrams.map(\.count) == lengths)
  }

  @Test func `by their length`() throws {
    let batch = try batch(5, aliasBytes: 15_000)
    #expect(batch.datagrams.map(\.count) == [2, 2, 1])
    #expect(try self.batch(2, aliasBytes: 60_000).datagrams.map(\.count) == [1, 1])
    #expect(batch.datagrams.flatMap(Array.init) == Array(0..<5))
  }

  @Test func `but never between a link and its alias`() throws {
    var batch = try batch(63, aliasBytes: 4)
    try batch.createLink(NewLink("a", .bridge, LinkSettings(alias: "x")), aloneIn: LinkGroup(rawValue: 7))
    try batch.createLink(NewLink("b", .bridge), aloneIn: LinkGroup(rawValue: 8))
    #expect(batch.datagrams.map(\.count) == [65, 1])
  }

  @Test func `into nothing, if nothing is in it`() {
    #expect(NetlinkBatch().datagrams.isEmpty)
  }
}

@Suite(.enabled(if: canMakeNetworkNamespaces, "needs CAP_SYS_ADMIN and CAP_NET_ADMIN"))
struct `Batches in a fresh namespace` {
  /// Addresses of 10.0.0.0/8, one after the other.
  private static func addresses(_ numbers: Range<UInt32>, on link: InterfaceIndex) -> [InterfaceAddress] {
    numbers.map { InterfaceAddress(interface: link, prefix: IPPrefix(host: .v4(IPv4Address(bits: 0x0A00_0000 + $0)))) }
  }

  @Test func `are made whole, in their order`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let lo = try #require(try netlink.link(named: "lo")).index
      let wanted = Self.addresses(1..<1001, on: lo)
      var batch = NetlinkBatch()
      for address in wanted { try batch.addAddress(address) }
      try batch.deleteAddress(wanted[0])
      try netlink.commit(batch)
      #expect(try netlink.addresses(protocol: .culvert).map(\.prefix) == wanted.dropFirst().map(\.prefix))
    }
  }

  @Test func `tell which change was refused, and which were made`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let lo = try #require(try netlink.link(named: "lo")).index
      var batch = NetlinkBatch()
      for address in Self.addresses(1..<101, on: lo) { try batch.addAddress(address) }
      for address in Self.addresses(42..<43, on: lo) { try batch.addAddress(address) }
      for address in Self.addresses(101..<201, on: lo) { try batch.addAddress(address) }
      let error = #expect(throws: NetlinkBatchError.self) { try netlink.commit(batch) }
      #expect(error?.refusals.map(\.position) == [100] && error?.first.errno == .fileExists)
      #expect(error?.made == Array(0..<100) + Array(101..<128))
      #expect(try netlink.addresses(protocol: .culvert).count == error?.made.count)
      #expect(
        error?.description.hasPrefix(#"cannot add address 10.0.0.42/32 to link "lo": File exists"#) == true
          && error?.description.hasSuffix("; of 201 changes, 127 were made") == true)
      // The connection is in step again.
      try netlink.deleteAddress(Self.addresses(1..<2, on: lo)[0])
    }
  }

  @Test func `make links with all their settings`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let settings = LinkSettings(isUp: true, mtu: 1400, alias: "made by a test", group: LinkGroup(rawValue: 7))
      let indices = try netlink.createLinks((0..<3).map { NewLink("br\($0)", .bridge, settings) })
      let links = try netlink.links().filter { $0.kind == .bridge }
      #expect(links.map(\.index) == indices && links.map(\.name) == ["br0", "br1", "br2"])
      for link in links {
        #expect(link.isUp && link.mtu == 1400 && link.alias == "made by a test" && link.group == LinkGroup(rawValue: 7))
      }
    }
  }

  @Test func `make no link if one is refused, and touch none that is there`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      try netlink.createLink("ifb", .bridge, LinkSettings(alias: "not ours"))
      let before = try netlink.links()
      var wanted = (0..<100).map { NewLink("vx\($0)", .vxlan(VXLAN(identifier: $0)), LinkSettings(alias: "ours")) }
      wanted[50].name = "ifb"
      let error = #expect(throws: NetlinkBatchError.self) { try netlink.createLinks(wanted) }
      #expect(error?.first.description == #"cannot add link "ifb" of kind vxlan: File exists"#)
      #expect(error?.refusals.map(\.position) == [50] && error?.made == [] && error?.count == 100)
      #expect(try netlink.links() == before)
    }
  }

  @Test(arguments: [
    NewLink("br1", .bridge, LinkSettings(alias: String(repeating: "x", count: 300))), NewLink("a name", .bridge),
  ])
  func `make no link if a setting of one is refused`(second: NewLink) throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let before = try netlink.links()
      let links = [NewLink("br0", .bridge), second]
      let error = #expect(throws: NetlinkBatchError.self) { try netlink.createLinks(links) }
      #expect(error?.refusals.map(\.position) == [1])
      #expect(try netlink.links() == before)
    }
  }

  @Test func `remove the links that are named, and no others`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let group = LinkGroup(rawValue: 7)
      let indices = try netlink.createLinks((0..<4).map { NewLink("br\($0)", .bridge, LinkSettings(group: group)) })
      try netlink.deleteLinks([indices[0], indices[2]])
      #expect(try netlink.links().filter { $0.group == group }.map(\.index) == [indices[1], indices[3]])
      try netlink.deleteLinks(in: group)
      #expect(try netlink.links().allSatisfy { $0.kind != .bridge })
      try netlink.deleteLinks(in: group)
    }
  }

  @Test func `remove no link if one cannot be removed`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      let bridge = try netlink.createLink("br0", .bridge, LinkSettings(group: LinkGroup(rawValue: 7)))
      let lo = try #require(try netlink.link(named: "lo")).index
      let before = try netlink.links()
      for impossible in [lo, InterfaceIndex(rawValue: 99)] {
        #expect(throws: NetlinkError.self) { try netlink.deleteLinks([bridge, impossible]) }
        #expect(try netlink.links() == before)
      }
      let error = #expect(throws: NetlinkError.self) { try netlink.deleteLinks(in: .default) }
      #expect(error?.errno == .invalidArgument)
    }
  }
}
