// SPDX-License-Identifier: MIT

/// An IPv4 address (RFC 791) as a number in host byte order: `192.0.2.1` is `0xC000_0201`.
public struct IPv4Address: Hashable, Sendable {
  public let bits: UInt32

  @inline(always)
  public init(bits: UInt32) {
    self.bits = bits
  }
}

/// An IPv6 address (RFC 4291) as two halves in host byte order: `2001:db8::1` is `0x2001_0DB8_0000_0000` and `1`.
public struct IPv6Address: Hashable, Sendable {
  public let high: UInt64
  public let low: UInt64

  @inline(always)
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

/// The version of the Internet Protocol an address or packet belongs to.
public enum IPVersion: UInt8, Hashable, Sendable {
  case v4 = 4
  case v6 = 6

  /// The number of bits in an address.
  public var addressWidth: Int { self == .v4 ? 32 : 128 }
}

/// An address of either family.
public enum IPAddress: Hashable, Sendable {
  case v4(IPv4Address)
  case v6(IPv6Address)

  public var version: IPVersion {
    switch self {
    case .v4: .v4
    case .v6: .v6
    }
  }

  /// The sixteen bytes that stand for the address in tables; IPv4 is mapped into `::ffff:0:0/96` (RFC 4291, 2.5.5.2).
  public var mapped: IPv6Address {
    switch self {
    case .v4(let address): IPv6Address(mapping: address)
    case .v6(let address): address
    }
  }

  /// The address that `mapped` stands for.
  public init(mapped: IPv6Address) {
    if mapped.high == 0, mapped.low >> 32 == 0xFFFF {
      self = .v4(IPv4Address(bits: UInt32(truncatingIfNeeded: mapped.low)))
    } else {
      self = .v6(mapped)
    }
  }
}

extension IPv6Address {
  /// The IPv4-mapped address `::ffff:a.b.c.d` (RFC 4291, 2.5.5.2).
  @inline(always)
  public init(mapping address: IPv4Address) {
    self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(address.bits))
  }

  /// The IPv4 address in the last four bytes of a mapped one.
  @inline(always)
  public var embeddedIPv4: IPv4Address { IPv4Address(bits: UInt32(truncatingIfNeeded: low)) }
}

/// An address with the number of leading bits that count, such as `192.0.2.0/24`.
public struct IPPrefix: Hashable, Sendable {
  public let address: IPAddress
  /// 0 to the width of the address.
  public let length: Int

  /// `nil` if `length` does not fit the address.
  public init?(address: IPAddress, length: Int) {
    guard 0...address.version.addressWidth ~= length else { return nil }
    self.address = address
    self.length = length
  }

  /// The prefix that holds one address.
  public init(host address: IPAddress) {
    self.address = address
    self.length = address.version.addressWidth
  }
}
