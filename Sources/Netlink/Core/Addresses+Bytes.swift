// SPDX-License-Identifier: MIT
import CLinux
import Wire

extension IPAddress {
  /// 4 or 16 bytes in network order.
  var bytes: [UInt8] {
    switch self {
    case .v4(let address): address.bits.bigEndianBytes
    case .v6(let address): address.high.bigEndianBytes + address.low.bigEndianBytes
    }
  }

  /// `nil` unless `bytes` are 4 or 16.
  init?(bytes: [UInt8]) {
    switch bytes.count {
    case 4: self = .v4(IPv4Address(bits: UInt32(bigEndianBytes: bytes[...])))
    case 16:
      self = .v6(IPv6Address(high: UInt64(bigEndianBytes: bytes[..<8]), low: UInt64(bigEndianBytes: bytes[8...])))
    default: return nil
    }
  }
}

extension IPVersion {
  /// The kernel's number for the family, `AF_INET` or `AF_INET6`.
  var family: UInt8 { UInt8(self == .v4 ? AF_INET : AF_INET6) }

  /// `nil` for families other than IP.
  init?(family: UInt8) {
    switch CInt(family) {
    case AF_INET: self = .v4
    case AF_INET6: self = .v6
    default: return nil
    }
  }

  /// The prefix that holds every address of this version.
  var everything: IPPrefix {
    let zero: IPAddress = self == .v4 ? .v4(IPv4Address(bits: 0)) : .v6(IPv6Address(high: 0, low: 0))
    // Length 0 fits any address, so the fallback is never used.
    return IPPrefix(address: zero, length: 0) ?? IPPrefix(host: zero)
  }
}

extension MACAddress {
  /// Six bytes, first on the wire first.
  var bytes: [UInt8] { Array(bits.bigEndianBytes.dropFirst(2)) }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  /// Most significant byte first.
  var bigEndianBytes: [UInt8] {
    stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> $0) }
  }

  init(bigEndianBytes bytes: ArraySlice<UInt8>) {
    self = bytes.reduce(0) { $0 << 8 | Self($1) }
  }
}
