// SPDX-License-Identifier: MIT

/// A number of a byte in a TCP connection: it counts modulo 2^32 (RFC 9293, 3.4).
struct SequenceNumber: RawRepresentable, Hashable {
  var rawValue: UInt32

  static func + (number: Self, count: Int) -> Self {
    Self(rawValue: number.rawValue &+ UInt32(truncatingIfNeeded: count))
  }

  static func += (number: inout Self, count: Int) { number = number + count }

  /// How far `left` is ahead of `right`; negative where it is behind.
  static func - (left: Self, right: Self) -> Int {
    Int(Int32(bitPattern: left.rawValue &- right.rawValue))
  }
}
