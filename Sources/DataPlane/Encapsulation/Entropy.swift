// SPDX-License-Identifier: MIT
public import Wire

/// What routers and network cards spread tunnels over paths and queues by, from the hash of the flow inside.
public enum Entropy {
  /// The UDP source port: an ephemeral one, 49152 to 65535 (RFC 6335), of 14 bits of the hash.
  @inline(__always)
  public static func sourcePort(_ hash: UInt64) -> UInt16 { 0xC000 | UInt16(truncatingIfNeeded: hash & 0x3FFF) }

  /// The IPv6 flow label (RFC 6438): 20 bits of the hash.
  @inline(__always)
  public static func flowLabel(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 12) & 0xF_FFFF }

  /// An address of a range, whose last `hostBits` (0 to 32) bits are the hash's.
  @inline(__always)
  public static func address(in range: IPv6Address, hostBits: UInt8, _ hash: UInt64) -> IPv6Address {
    let mask = (1 as UInt64) &<< UInt64(hostBits) &- 1
    return IPv6Address(high: range.high, low: range.low & ~mask | hash & mask)
  }
}
