// SPDX-License-Identifier: MIT
import CLinux

/// The UDP header that a tunnel puts before its packets, for the sake of networks that balance and pass only UDP.
///
/// It is about sending; to receive, the kernel needs an ``FOUPort``.
public struct UDPEncapsulation: Hashable, Sendable {
  public var format: Format
  /// 0 for one that depends on the flow inside.
  public var sourcePort: UInt16
  /// Where the other end listens.
  public var destinationPort: UInt16
  public var options: Options

  /// What follows the UDP header.
  public struct Format: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
      self.rawValue = rawValue
    }

    /// The packet itself: Foo over UDP, or GUE variant 1. The corresponding C constant is `TUNNEL_ENCAP_FOU`.
    public static let direct = Self(rawValue: UInt16(TUNNEL_ENCAP_FOU.rawValue))
    /// A GUE header. The corresponding C constant is `TUNNEL_ENCAP_GUE`.
    public static let gue = Self(rawValue: UInt16(TUNNEL_ENCAP_GUE.rawValue))
  }

  /// How checksums are dealt with.
  public struct Options: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
      self.rawValue = rawValue
    }

    /// UDP has a checksum over IPv4. The corresponding C constant is `TUNNEL_ENCAP_FLAG_CSUM`.
    public static let checksum4 = Self(rawValue: UInt16(TUNNEL_ENCAP_FLAG_CSUM))
    /// UDP has a checksum over IPv6. The corresponding C constant is `TUNNEL_ENCAP_FLAG_CSUM6`.
    public static let checksum6 = Self(rawValue: UInt16(TUNNEL_ENCAP_FLAG_CSUM6))
    /// The inner checksum is left to the receiver, so that the card need compute only the outer one; GUE only. The
    /// corresponding C constant is `TUNNEL_ENCAP_FLAG_REMCSUM`.
    public static let remoteChecksum = Self(rawValue: UInt16(TUNNEL_ENCAP_FLAG_REMCSUM))
  }

  /// By default every flow has a source port of its own.
  public init(_ format: Format, sourcePort: UInt16 = 0, destinationPort: UInt16, options: Options = []) {
    self.format = format
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.options = options
  }
}
