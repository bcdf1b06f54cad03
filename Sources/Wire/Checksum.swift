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

  /// Adds four words.
  @inline(always)
  public mutating func add(_ words: UInt64) {
    add(UInt32(truncatingIfNeeded: words >> 32))
    add(UInt32(truncatingIfNeeded: words))
  }

  /// Adds an address, as in a pseudo header. A mapped IPv4 address counts as the IPv4 address: `ffff` is a zero here.
  @inline(always)
  public mutating func add(_ address: IPv6Address) {
    add(address.high)
    add(address.low)
  }

  /// Takes a word out again (RFC 1624): adds its complement.
  @inline(always)
  public mutating func subtract(_ word: UInt16) {
    add(~word)
  }

  /// Takes two words out again.
  @inline(always)
  public mutating func subtract(_ words: UInt32) {
    add(~words)
  }

  /// Adds all words of `bytes` up to the last whole 32-bit one, at most `limit` of them.
  @inline(always)
  public mutating func add(_ bytes: PacketBytes, limit: Int) {
    for word in 0..<limit {
      let rest = bytes.dropping(word &* 4)
      guard rest.holds(4) else { return }
      add(rest.load(Word.first, as: UInt32.self))
    }
  }

  @usableFromInline enum Word: Int {
    case first = 0
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
