// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import TestSupport
import Testing
import Wire

@testable import KernelEngine

@Suite struct AllowListTests {
  private static func list(directors: [(IPAddress, Int)]) -> AllowList {
    AllowList(
      endpoints: [.v4("10.0.0.2")], directors: directors.compactMap { IPPrefix(address: $0.0, length: $0.1) },
      virtualAddresses: [IPPrefix(host: .v6("2001:db8::80"))], port: 6080, key: 7)
  }

  @Test func `Settings have the lengths in use, the longest first, and an address of either family has 128`() throws {
    let settings = try Self.list(directors: [(.v4("192.0.2.77"), 24), (.v6("fd00::"), 8), (.v4("192.0.2.1"), 32)])
      .settings()
    #expect(settings.prefixLengths == [128, 120, 8])
    #expect(settings.port == 6080 && settings.key == 7)
    #expect(AllowList(roles: [:], settings).key == 7)
  }

  @Test func `Host bits do not count`() {
    #expect(
      Self.list(directors: [(.v4("192.0.2.77"), 24)]).roles == Self.list(directors: [(.v4("192.0.2.0"), 24)]).roles)
  }

  @Test func `More lengths than a packet can be compared with are refused, and the prefix of everything`() {
    let nine = (0..<8).map { (IPAddress.v6("fd00::"), 8 + 8 * $0) }
    #expect { try Self.list(directors: nine).settings() } throws: { "\($0)".contains("9 different lengths") }
    #expect { try Self.list(directors: [(.v6("::"), 0)]).settings() } throws: { "\($0)".contains("::/0") }
    #expect(throws: Never.self) { try Self.list(directors: [(.v4("0.0.0.0"), 0)]).settings() }
  }
}
