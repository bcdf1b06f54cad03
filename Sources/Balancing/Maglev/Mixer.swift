// SPDX-License-Identifier: MIT
import Wire

/// A 64-bit hash of an address, the same on every machine and in every version: slot tables depend on it.
enum Mixer {
  /// Two rounds, one for each half of the address; another `seed` makes another function.
  static func hash(_ address: IPv6Address, seed: UInt64) -> UInt64 {
    mix(mix(address.high ^ seed) ^ address.low)
  }

  /// A bijection of 64-bit words in which each bit reaches every other (the finaliser of SplitMix64, variant 13 of
  /// David Stafford's).
  static func mix(_ word: UInt64) -> UInt64 {
    var word = word &+ 0x9E37_79B9_7F4A_7C15
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}

/// The hash of a slot table: 64-bit FNV-1a over its owners' addresses, slot by slot, 16 bytes each in network order.
///
/// A slot that nobody owns counts as `::`. Directors that print the same send the same new flows to the same servers.
public struct TableHash: Hashable, Sendable, CustomStringConvertible {
  public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  init(owners: some Sequence<IPv6Address>) {
    for owner in owners {
      add(owner.high)
      add(owner.low)
    }
  }

  private mutating func add(_ word: UInt64) {
    // The upper half of every IPv4 address.
    guard word != 0 else { return value &*= Self.primeToTheEighth }
    var word = word
    for _ in 0..<8 {
      value = (value ^ word >> 56) &* Self.prime
      word <<= 8
    }
  }

  private static var prime: UInt64 { 0x100_0000_01B3 }

  private static var primeToTheEighth: UInt64 { (0..<8).reduce(1) { power, _ in power &* prime } }

  /// Sixteen hexadecimal digits.
  public var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
