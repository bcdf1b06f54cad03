// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@testable import Netlink

@Suite struct `Several next hops` {
  /// What iproute2 6.1 sends in `RTA_MULTIPATH`, captured with strace:
  /// `ip route add 10.9.0.0/16 nexthop via 10.0.0.7 dev eth0 nexthop via inet6 fe80::1 dev eth1 weight 3 onlink`.
  private let bytes = hex(
    """
    1000 00 00 07000000 0800 0500 0a000007
    2000 04 02 09000000 1600 1200 0a00 fe80000000000000 0000000000000001 0000
    """)
  private let hops = [
    NextHop(gateway: "10.0.0.7", interface: InterfaceIndex(rawValue: 7)),
    NextHop(gateway: "fe80::1", interface: InterfaceIndex(rawValue: 9), weight: 3, isOnLink: true),
  ]

  @Test func `are written as iproute2 does`() {
    #expect(dump(NextHops.bytes(hops, version: .v4)) == dump(bytes))
  }

  @Test func `are read`() throws {
    let read = try NextHops(bytes)
    #expect(read.hops == hops)
    #expect(!read.encapsulates)
  }

  @Test func `tell that one changes packets`() throws {
    #expect(try NextHops(hex("1000 00 00 07000000 0800 1600 00000000")).encapsulates)
  }

  @Test(arguments: ["10", "0700 00 00 07000000", "1000 00 00 07000000", "0000 00 00 07000000"])
  func `are refused where one is longer or shorter than it says`(text: String) {
    #expect(throws: MalformedMessage.self) { try NextHops(hex(text)) }
  }

  @Test func `of a padded last one are fine`() throws {
    #expect(try NextHops(Array(bytes.dropLast(2)) + [0, 0]).hops.count == 2)
  }
}
