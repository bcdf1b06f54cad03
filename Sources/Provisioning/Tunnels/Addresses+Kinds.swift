// SPDX-License-Identifier: MIT
import DataPlane
import Wire

extension IPAddress {
  /// `0.0.0.0` and `::`.
  var isUnspecified: Bool {
    switch self {
    case .v4(let address): address.bits == 0
    case .v6(let address): address.high == 0 && address.low == 0
    }
  }

  /// The address of a group (RFC 5771, RFC 4291).
  var isMulticast: Bool {
    switch self {
    case .v4(let address): address.bits >> 28 == 0xE
    case .v6(let address): address.high >> 56 == 0xFF
    }
  }

  /// The first `length` bits, and zeros.
  fileprivate func masked(to length: Int) -> IPAddress {
    switch self {
    case .v4(let address): .v4(IPv6Address(mapping: address).masked(to: UInt8(96 + length)).embeddedIPv4)
    case .v6(let address): .v6(address.masked(to: UInt8(length)))
    }
  }
}

extension IPPrefix {
  /// The same without the bits that do not count.
  var masked: IPPrefix { IPPrefix(address: address.masked(to: length), length: length) ?? self }

  /// Whether `other` is one of the addresses.
  func contains(_ other: IPAddress) -> Bool {
    address.version == other.version && address.masked(to: length) == other.masked(to: length)
  }
}
