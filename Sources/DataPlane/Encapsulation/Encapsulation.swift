// SPDX-License-Identifier: MIT
public import Wire

/// How a client's packet travels to a real server, IPv4 and IPv6 in either: the one table of encapsulations.
///
/// | case | bytes between the outer IP header and the packet | IPv4 outer | IPv6 outer |
/// |---|---|---|---|
/// | `ipip` | none | 20 | 40 |
/// | `gre` | GRE | 24 | 44 |
/// | `greKey` | GRE with a key | 28 | 48 |
/// | `gue` | UDP, GUE variant 0 | 32 | 52 |
/// | `fou` | UDP | 28 | 48 |
/// | `l2` | no outer IP header either | 0 | 0 |
public enum Encapsulation: UInt8, Hashable, Sendable, CaseIterable {
  /// An IP header in front of the client's (RFC 2003, RFC 2473, RFC 4213).
  case ipip = 0
  /// An IP header and a GRE header without options (RFC 2784, RFC 7676).
  case gre = 1
  /// An IP header and a GRE header with a key (RFC 2890).
  case greKey = 2
  /// An IP header, a UDP header and a GUE header of variant 0 (draft-ietf-intarea-gue-09).
  case gue = 3
  /// An IP header and a UDP header: "foo over UDP", which is GUE of variant 1.
  case fou = 4
  /// Nothing: the server is on the same link, and only the link-layer addresses are rewritten.
  case l2 = 5

  /// Bytes between the outer IP header and the client's packet.
  public var shimLength: Int {
    switch self {
    case .ipip, .l2: 0
    case .gre: GREHeader.size
    case .greKey: GREHeader.keyedSize
    case .gue: UDPHeader.size + GUEHeader.size
    case .fou: UDPHeader.size
    }
  }

  /// Bytes in front of the client's packet, the outer IP header included.
  public func overhead(outer: IPVersion) -> Int {
    self == .l2 ? 0 : shimLength + (outer == .v6 ? IPv6Header.size : IPv4Header.size)
  }

  /// The most bytes that any of them puts in front of a packet.
  public static var largestOverhead: Int { 52 }

  /// Whether a UDP header is in it.
  @inline(__always)
  public var isOverUDP: Bool { self == .gue || self == .fou }
}
