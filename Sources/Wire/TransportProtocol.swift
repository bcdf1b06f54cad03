// SPDX-License-Identifier: MIT

/// A protocol carried by IP, by its number (IANA "Assigned Internet Protocol Numbers").
public struct TransportProtocol: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  @inline(always)
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// IPv6 hop-by-hop options (RFC 8200).
  @inline(always) public static var hopByHop: Self { Self(rawValue: 0) }
  @inline(always) public static var icmp: Self { Self(rawValue: 1) }
  /// IPv4 in IP (RFC 2003).
  @inline(always) public static var ipip: Self { Self(rawValue: 4) }
  @inline(always) public static var tcp: Self { Self(rawValue: 6) }
  @inline(always) public static var udp: Self { Self(rawValue: 17) }
  /// IPv6 in IP (RFC 2473, RFC 4213).
  @inline(always) public static var ipv6: Self { Self(rawValue: 41) }
  /// An IPv6 routing header (RFC 8200).
  @inline(always) public static var routing: Self { Self(rawValue: 43) }
  /// An IPv6 fragment header (RFC 8200).
  @inline(always) public static var ipv6Fragment: Self { Self(rawValue: 44) }
  /// Generic Routing Encapsulation (RFC 2784).
  @inline(always) public static var gre: Self { Self(rawValue: 47) }
  /// Encapsulating Security Payload (RFC 4303).
  @inline(always) public static var esp: Self { Self(rawValue: 50) }
  /// Authentication Header (RFC 4302).
  @inline(always) public static var authentication: Self { Self(rawValue: 51) }
  @inline(always) public static var icmpv6: Self { Self(rawValue: 58) }
  /// IPv6 destination options (RFC 8200).
  @inline(always) public static var destinationOptions: Self { Self(rawValue: 60) }
  @inline(always) public static var sctp: Self { Self(rawValue: 132) }
  @inline(always) public static var udpLite: Self { Self(rawValue: 136) }

  /// Whether its header begins with two ports of 16 bits, source and destination.
  @inline(always)
  public var hasPorts: Bool { self == .tcp || self == .udp || self == .sctp || self == .udpLite }
}
