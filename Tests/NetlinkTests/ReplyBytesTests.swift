// SPDX-License-Identifier: MIT
import SystemPackage
import TestSupport
import Testing
import Wire

@testable import Netlink

/// What `decode` makes of each message in `bytes`.
private func decoded<Entry>(
  _ bytes: [UInt8], _ decode: (Message) throws(MalformedMessage) -> Entry?
) throws -> [Entry] {
  var entries: [Entry] = []
  try Message.forEach(in: bytes.span.bytes, malformed: { $0 }) { message throws(MalformedMessage) in
    if let entry = try decode(message) { entries.append(entry) }
  }
  return entries
}

// Requests and replies about links have one layout, so what iproute2 sends, captured with `strace -e write=3`, is
// read here as if it came from a kernel with these drivers, which the one at hand may lack.

@Suite struct `Messages are read` {
  @Test func `about an ipip tunnel, with attributes that we do not know`() throws {
    // ip link add tun0 type ipip local 192.0.2.1 remote 198.51.100.7 ttl 64
    let bytes = hex(
      """
      9c000000 1000 0506 1c2f036b 00000000
      00 00 0000 00000000 00000000 00000000
      0900 0300 74756e30 00 000000
      7000 1200 0800 0100 69706970
      6400 0200 0500 0900 00 000000 0800 0200 c0000201 0800 0300 c6336407
      0500 0a00 01 000000 0500 0500 00 000000 0500 0400 40 000000 0800 0100 00000000
      0800 1400 00000000 0600 0f00 0000 0000 0600 1000 0000 0000 0600 1100 0000 0000 0600 1200 0000 0000
      """)
    let link = try #require(try decoded(bytes) { message throws(MalformedMessage) in try Link(message) }.first)
    #expect(link.name == "tun0")
    #expect(link.kind?.rawValue == "ipip")
    #expect(link.info == .tunnel(.ipip, Tunnel(local: "192.0.2.1", remote: "198.51.100.7", ttl: 64)))
  }

  @Test func `about a VLAN of another link`() throws {
    // ip link add link lo name v7 type vlan id 7
    let bytes = hex(
      """
      48000000 1000 0506 5975036b 00000000
      00 00 0000 00000000 00000000 00000000
      0800 0500 01000000 0700 0300 7637 00 00
      1800 1200 0800 0100 766c616e 0c00 0200 0600 0100 0700 0000
      """)
    let link = try #require(try decoded(bytes) { message throws(MalformedMessage) in try Link(message) }.first)
    #expect(link.name == "v7" && link.underlying == InterfaceIndex(rawValue: 1))
    #expect(link.info == .vlan(VLAN(identifier: 7)))
  }

  /// Every setting at each of two values, one after the other.
  private static let variants: [@Sendable (inout Tunnel) -> Void] = [
    { _ in }, { $0.underlying = InterfaceIndex(rawValue: 5) }, { $0.ttl = 0 }, { $0.tos = 0 }, { $0.tos = 1 },
    { $0.discoversPathMTU = false }, { ($0.ttl, $0.discoversPathMTU) = (0, false) }, { $0.encapsulationLimit = 0 },
    { $0.encapsulationLimit = 4 }, { $0.flowLabel = nil }, { $0.flowLabel = 0xF_FFFF }, { $0.payload = .ipv4 },
    { $0.payload = .ipv6 }, { $0.inputKey = 0 }, { $0.outputKey = 0xFFFF_FFFF },
    { $0.udp = UDPEncapsulation(.direct, destinationPort: 6080, options: [.checksum4, .checksum6]) },
    { $0.udp = UDPEncapsulation(.gue, sourcePort: 7, destinationPort: 6080, options: .remoteChecksum) },
    { ($0.local, $0.remote) = (nil, nil) },
  ]

  @Test(arguments: Tunnel.Kind.allCases) func `about every kind of tunnel as they were written`(kind: Tunnel.Kind)
    throws
  {
    let outer = kind.outer == .v4 ? ["192.0.2.1", "198.51.100.7"] : ["2001:db8::1", "2001:db8::2"]
    for change in Self.variants {
      var tunnel = Tunnel(local: try ip(outer[0]), remote: try ip(outer[1]), ttl: 64, tos: 0xb8)
      change(&tunnel)
      let bytes = try Request.createLink("t0", .tunnel(kind, tunnel), LinkSettings()).bytes
      let link = try #require(try decoded(bytes) { message throws(MalformedMessage) in try Link(message) }.first)
      #expect(link.info == .tunnel(kind, tunnel.kept(by: kind)))
    }
  }

  @Test func `about a link with an XDP program`() throws {
    let bytes = hex(
      """
      44000000 1000 0000 00000000 00000000
      00 00 0100 03000000 43100100 00000000
      0800 0400 dc050000               # IFLA_MTU 1500
      1400 2b80                        # IFLA_XDP, with the bit for nested attributes
        0500 0200 01 000000            # IFLA_XDP_ATTACHED, in the driver
        0800 0400 2a000000             # IFLA_XDP_PROG_ID 42
      0800 0a00 07000000               # IFLA_MASTER 7
      """)
    let link = try #require(try decoded(bytes) { message throws(MalformedMessage) in try Link(message) }.first)
    #expect(link.xdp == XDPAttachment(mode: .driver, program: 42))
    #expect(link.master == InterfaceIndex(rawValue: 7))
    #expect(link.mtu == 1500)
    #expect(link.isUp && link.isRunning && link.kind == nil)
  }

  @Test func `not, if they are a bridge's about its port`() throws {
    let bytes = hex("20000000 1000 0000 00000000 00000000 07 00 0000 03000000 00000000 00000000")
    #expect(try decoded(bytes) { message throws(MalformedMessage) in try Link(message) }.isEmpty)
  }

  @Test func `about a route through a router of the other IP version`() throws {
    let route = Route(
      destination: "10.1.0.0/16", gateway: "fe80::1", interface: InterfaceIndex(rawValue: 3),
      scope: .universe, isOnLink: true)
    let bytes = try Request.addRoute(route, replacing: false).bytes
    #expect(try decoded(bytes) { message throws(MalformedMessage) in try Route(message) } == [route])
  }
}

@Suite struct `Refusals are read` {
  @Test func `with the kernel's words, behind the request it repeats`() throws {
    // What Linux 6.18 without the driver answered to `ip link add tun0 type ipip`; captured with `strace -e read=3`.
    let bytes = hex(
      """
      50000000 0200 0002 1c2f036b 00000000
      a1ffffff
      24000000 1000 0506 1c2f036b 00000000 00000000 00000000 00000000 00000000 00000000
      1800 0100 556e6b6e 6f776e20 64657669 63652074 79706500
      """)
    let refusals = try decoded(bytes) { message throws(MalformedMessage) in try Acknowledgement(message) }
    let error = try #require(refusals.first?.error(of: "add link"))
    #expect(error.errno == .notSupported)
    #expect(error.description == "cannot add link: Operation not supported: Unknown device type")
  }

  @Test func `with words and offset, when the request is not repeated`() throws {
    let bytes = hex(
      """
      34000000 0200 0003 01000000 00000000
      eaffffff
      24000000 1000 0506 01000000 00000000
      0800 0100 62616400               # "bad"
      0800 0200 20000000               # at byte 32
      """)
    let refusals = try decoded(bytes) { message throws(MalformedMessage) in try Acknowledgement(message) }
    #expect(refusals.first?.errno == .invalidArgument)
    #expect(refusals.first?.kernelMessage == "bad")
    #expect(refusals.first?.offset == 32)
  }

  @Test func `as success when the error is 0`() throws {
    let bytes = hex("24000000 0200 0001 01000000 00000000 00000000 24000000 1000 0506 01000000 00000000")
    let replies = try decoded(bytes) { message throws(MalformedMessage) in try Acknowledgement(message) }
    #expect(replies.count == 1 && replies.first?.errno == nil)
  }

  @Test func `naming the capability where one is missing`() {
    let error = NetlinkError(operation: "add link \"a\" of kind veth", errno: .notPermitted)
    #expect(error.description.contains("needs CAP_NET_ADMIN: run as root"))
  }
}

@Suite struct `Replies are gathered` {
  /// What a request with number 1 gathers from `bytes`, entries being the types of messages.
  private func reply(_ bytes: String) throws -> Reply<UInt16> {
    var reply = Reply<UInt16>(sequence: 1)
    try Message.forEach(in: hex(bytes).span.bytes, malformed: { $0 }) { message throws(MalformedMessage) in
      try reply.add(message) { message throws(MalformedMessage) in message.type.rawValue }
    }
    return reply
  }

  @Test func `up to the end of the list`() throws {
    let reply = try reply("10000000 1000 0200 01000000 00000000  14000000 0300 0200 01000000 00000000 00000000")
    #expect(reply.entries == [16] && reply.isComplete)
    #expect(reply.acknowledgement != nil && reply.acknowledgement?.errno == nil)
  }

  @Test func `without those of an earlier request`() throws {
    let reply = try reply("10000000 1000 0200 00000000 00000000  10000000 0300 0200 00000000 00000000")
    #expect(reply.entries.isEmpty && reply.acknowledgement == nil)
  }

  @Test func `as incomplete when the tables changed meanwhile`() throws {
    let reply = try reply("10000000 1000 1200 01000000 00000000  14000000 0300 0200 01000000 00000000 00000000")
    #expect(reply.entries == [16] && !reply.isComplete)
  }

  @Test func `as an error when the list ends with one`() throws {
    let reply = try reply("14000000 0300 0200 01000000 00000000 feffffff")
    #expect(reply.acknowledgement?.errno == .noSuchFileOrDirectory)
  }

  @Test func `as an error even with the one number that has no negative`() throws {
    let reply = try reply("14000000 0300 0200 01000000 00000000 00000080")
    #expect(reply.acknowledgement?.errno?.rawValue == .min)
  }
}

@Suite struct `Malformed messages are refused` {
  @Test(arguments: [
    ("a header cut off", "10000000 1000"),
    ("a length past the end", "20000000 1000 0000 00000000 00000000"),
    ("an impossible length", "08000000 1000 0000 00000000 00000000"),
    ("a length that is negative as a signed number", "00000080 1000 0000 00000000 00000000"),
    ("no room for the link header", "14000000 1000 0000 00000000 00000000 00000000"),
  ])
  func `by length`(fault: String, bytes: String) {
    #expect(throws: MalformedMessage.self, "\(fault)") {
      try decoded(hex(bytes)) { message throws(MalformedMessage) in try Link(message) }
    }
  }
}
