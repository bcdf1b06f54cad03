// SPDX-License-Identifier: MIT

/// A 48-bit Ethernet address (IEEE 802).
///
/// Stored in the low 48 bits of `bits`, first octet on the wire highest: `02:00:00:00:00:01` is `0x0200_0000_0001`.
public struct MACAddress: Hashable, Sendable {
  public let bits: UInt64

  /// Takes the low 48 bits; the rest is dropped.
  @inline(always)
  public init(bits: UInt64) {
    self.bits = bits & 0xFFFF_FFFF_FFFF
  }

  /// `ff:ff:ff:ff:ff:ff`.
  @inline(always)
  public static var broadcast: MACAddress { MACAddress(bits: 0xFFFF_FFFF_FFFF) }

  /// `00:00:00:00:00:00`: an address that is not known.
  @inline(always)
  public static var zero: MACAddress { MACAddress(bits: 0) }
}
