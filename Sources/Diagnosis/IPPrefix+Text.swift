// SPDX-License-Identifier: MIT
import DataPlane
import Wire

extension IPPrefix {
  /// Whether `other` is one of the addresses.
  func covers(_ other: IPAddress) -> Bool {
    guard other.version == address.version else { return false }
    let bits = UInt8(length + 128 - address.version.addressWidth)
    return other.mapped.masked(to: bits) == address.mapped.masked(to: bits)
  }

  /// Whether all addresses of `other` are.
  func covers(_ other: IPPrefix) -> Bool { other.length >= length && covers(other.address) }

  /// Of one address without a length.
  var brief: String { length == address.version.addressWidth ? "\(address)" : description }
}

extension IPVersion {
  /// What ip(8) and nft(8) call packets of it.
  var word: String { self == .v4 ? "ip" : "ip6" }

  /// What ip(8) has to be told where it would think of IPv4.
  var option: String { self == .v4 ? "" : "-6 " }
}
