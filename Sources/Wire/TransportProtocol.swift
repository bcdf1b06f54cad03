// SPDX-License-Identifier: MIT

/// A protocol carried by IP, by its number (IANA "Assigned Internet Protocol Numbers").
public struct TransportProtocol: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  @inline(always)
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// IPv4 in IP (RFC 2003).
  @inline(always) public static var ipip: Self { Self(rawValue: 4) }
  @inline(always) public static var tcp: Self { Self(rawValue: 6) }
  @inline(always) public static var udp: Self { Self(rawValue: 17) }
  /// Generic Routing Encapsulation (RFC 2784).
  @inline(always) public static var gre: Self { Self(rawValue: 47) }
}
