// SPDX-License-Identifier: MIT
import Wire

// Words in network order, and their sums. Generic code is slow in debug builds, hence one function for each width, and
// loops without sequences.

func put(_ header: UnsafeMutableRawPointer, _ offset: Int, _ word: UInt32) {
  (header + offset).storeBytes(of: word.bigEndian, as: UInt32.self)
}

func put(_ header: UnsafeMutableRawPointer, _ offset: Int, _ word: UInt16) {
  (header + offset).storeBytes(of: word.bigEndian, as: UInt16.self)
}

func put(_ header: UnsafeMutableRawPointer, _ offset: Int, _ address: IPv6Address) {
  (header + offset).storeBytes(of: address.high.bigEndian, as: UInt64.self)
  (header + offset + 8).storeBytes(of: address.low.bigEndian, as: UInt64.self)
}

/// The sum of the 16-bit words in `count` bytes, an odd one at the end being the high half of a word.
func sum(_ bytes: UnsafeMutableRawPointer, _ count: Int) -> UInt64 {
  var sum: UInt64 = 0
  var offset = 0
  // Two words at once: 2^16 is 1 in one's complement.
  while offset &+ 4 <= count {
    sum &+= UInt64((bytes + offset).loadUnaligned(as: UInt32.self).bigEndian)
    offset &+= 4
  }
  while offset < count {
    let byte = UInt64((bytes + offset).load(as: UInt8.self))
    sum &+= offset & 1 == 0 ? byte << 8 : byte
    offset &+= 1
  }
  return sum
}

/// The checksum field's value.
func complement(_ sum: UInt64) -> UInt16 {
  var folded = sum
  while folded > 0xFFFF { folded = folded >> 16 &+ folded & 0xFFFF }
  return ~UInt16(truncatingIfNeeded: folded)
}
