// SPDX-License-Identifier: MIT
public import Wire

/// Spreads flows over slots, alike on every director that has the same seed.
public enum FlowHash {
  /// The hash of a flow's five-tuple, the protocol being part of `seed`.
  ///
  /// A round of a 64-bit multiply-xorshift mixer a word: each client bit reaches every bit of the result. The client's
  /// port and address go into different rounds: in the same one, as many pairs of them as there are ports would be alike.
  @inline(__always)
  public static func of(
    client: IPv6Address, clientPort: UInt16, service address: IPv6Address, port: UInt16, seed: UInt32
  ) -> UInt64 {
    var hash = UInt64(seed) << 32 | UInt64(port)
    hash = mix(hash ^ (client.low &+ 0x9E37_79B9_7F4A_7C15))
    hash = mix(hash ^ (client.high ^ address.high &* 0xC2B2_AE3D_27D4_EB4F))
    return mix(hash ^ address.low ^ UInt64(clientPort) << 48)
  }

  /// A bijection of 64-bit words (constants of Pelle Evensen's "moremur", 2019).
  @inline(__always)
  static func mix(_ word: UInt64) -> UInt64 {
    var word = word
    word ^= word >> 27
    word = word &* 0x3C79_AC49_2BA7_B653
    word ^= word >> 33
    word = word &* 0x1C69_B3F7_4AC4_AE35
    return word ^ word >> 27
  }

  /// The slot that a hash falls into: its upper half scaled to `slotCount`, without a division.
  @inline(__always)
  public static func slot(_ hash: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: ((hash >> 32) &* UInt64(slotCount)) >> 32)
  }
}
