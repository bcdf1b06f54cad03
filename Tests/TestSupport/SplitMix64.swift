// SPDX-License-Identifier: MIT
import Glibc

/// SplitMix64 (Steele, Lea, Flood 2014): random numbers that a printed seed brings back, on every machine alike.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) {
    self.state = seed
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }

  /// A number from 0 to `bound` - 1; quick also in debug builds. The bias is `bound` in 2^32.
  public mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(truncatingIfNeeded: bound)) >> 32)
  }

  /// A seed that no run had before; or the one in the environment's `CULVERT_SEED`, to repeat a run.
  public static func freshSeed() -> UInt64 {
    getenv("CULVERT_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: .min ... .max)
  }
}
