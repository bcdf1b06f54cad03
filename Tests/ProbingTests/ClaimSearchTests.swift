// SPDX-License-Identifier: MIT
import Linux
import Netlink
import TestSupport
import Testing
import Wire

@testable import Probing

/// Two hosts on a link: this one, `eth0`, and a neighbour in a namespace of its own.
@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct ClaimSearchTests {
  private func claimants(_ address: IPAddress, neighbour: [String], own: [String] = []) throws -> [Bool] {
    try withNetworkNamespace {
      try skipDuplicateDetection()
      let near = try NetworkNamespace.current()
      return try withNetworkNamespace {
        try skipDuplicateDetection()
        let peer = VethPeer(name: "eth0", namespace: .descriptor(near.borrowed))
        try NetlinkConnection().createLink("eth0", .veth(peer), LinkSettings(isUp: true))
        try add(neighbour)
        try near.run {
          try run("ip", "link", "set", "eth0", "up")
          try add(own)
          try awaitLinks("eth0")
        }
        try awaitLinks("eth0")
        return try near.run { try search(address) }
      }
    }
  }

  /// Words of `ip address add`, with `nodad`, which IPv4 ignores.
  private func add(_ words: [String]) throws {
    try run("ip", "link", "set", "lo", "up")
    guard words.count == 2 else { return }
    try run("ip", "address", "add", words[0], "dev", words[1], "nodad")
  }

  /// Whether each claimant is this host.
  private func search(_ address: IPAddress) throws -> [Bool] {
    let link = try #require(try NetlinkConnection().link(named: "eth0"))
    return try ClaimSearch.claimants(of: address, on: link, within: .milliseconds(900))
      .map { $0 == link.macAddress }
  }

  static let addresses = [IPAddress.v4("203.0.113.80"), .v6("2001:db8:f::80")]

  @Test(arguments: addresses)
  func `finds who has an address`(_ address: IPAddress) throws {
    let length = address.version.addressWidth
    #expect(try claimants(address, neighbour: ["\(address)/\(length)", "eth0"]) == [false])
    #expect(try claimants(address, neighbour: []) == [])
  }

  @Test(arguments: addresses)
  func `counts this host`(_ address: IPAddress) throws {
    let words = ["\(address)/\(address.version.addressWidth)", "eth0"]
    #expect(try claimants(address, neighbour: [], own: words) == [true])
    #expect(try claimants(address, neighbour: words, own: words).sorted { $1 } == [false, true])
  }

  @Test(arguments: addresses)
  func `knows that IPv4 answers for all links`(_ address: IPAddress) throws {
    let words = ["\(address)/\(address.version.addressWidth)", "lo"]
    #expect(try claimants(address, neighbour: [], own: words) == (address.version == .v4 ? [true] : []))
    #expect(try claimants(address, neighbour: words) == (address.version == .v4 ? [false] : []))
  }
}
