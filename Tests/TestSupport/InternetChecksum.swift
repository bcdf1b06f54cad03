// SPDX-License-Identifier: MIT

/// The Internet checksum as RFC 1071 words it: add 16-bit words with end-around carry, complement. An odd byte at the
/// end counts as the high half of a word.
public func internetChecksum(_ bytes: [UInt8]) -> UInt16 {
  var sum: UInt32 = 0
  for (index, byte) in bytes.enumerated() {
    sum += index % 2 == 0 ? UInt32(byte) << 8 : UInt32(byte)
    if sum > 0xFFFF { sum = sum - 0x10000 + 1 }
  }
  return ~UInt16(sum)
}

extension FixedWidthInteger {
  /// The bytes in network order.
  public var octets: [UInt8] {
    stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> Self($0)) }
  }
}
