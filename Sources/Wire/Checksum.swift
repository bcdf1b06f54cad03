// SPDX-License-Identifier: MIT

/// The Internet checksum (RFC 1071): a one's complement sum of 16-bit words.
public struct Checksum: Hashable, Sendable {
  @usableFromInline var sum: UInt64

  @inline(always)
  public init() {
    sum = 0
  }

  /// Adds one 16-bit word.
  @inline(always)
  public mutating func add(_ word: UInt16) {
    sum &+= UInt64(word)
  }

  /// Adds two words, the first one in the high half.
  @inline(always)
  public mutating func add(_ words: UInt32) {
    sum &+= UInt64(words >> 16) &+ UInt64(words & 0xFFFF)
  }

  /// The value of the checksum field: the complement of the folded sum.
  @inline(always)
  public var value: UInt16 {
    var folded = sum
    folded = (folded & 0xFFFF) &+ (folded >> 16)
    folded = (folded & 0xFFFF) &+ (folded >> 16)
    folded = (folded & 0xFFFF) &+ (folded >> 16)
    return ~UInt16(truncatingIfNeeded: folded)
  }
}
