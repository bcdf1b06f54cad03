// SPDX-License-Identifier: MIT

extension CaptureFormat.ByteOrder {
  /// The number of 16 bits at `offset`, of which both bytes must be there.
  func shortNumber(in bytes: [UInt8], at offset: Int) -> UInt16 {
    let (first, second) = (UInt16(bytes[offset]), UInt16(bytes[offset + 1]))
    return self == .bigEndian ? first << 8 | second : second << 8 | first
  }

  /// The number of 32 bits at `offset`, of which all four bytes must be there.
  func number(in bytes: [UInt8], at offset: Int) -> UInt32 {
    let (first, second) = (
      UInt32(shortNumber(in: bytes, at: offset)), UInt32(shortNumber(in: bytes, at: offset + 2))
    )
    return self == .bigEndian ? first << 16 | second : second << 16 | first
  }

  /// The bytes of a number.
  func bytes(of number: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
    let bigEndian = stride(from: number.bitWidth - 8, through: 0, by: -8).map {
      UInt8(truncatingIfNeeded: number >> $0)
    }
    return self == .bigEndian ? bigEndian : bigEndian.reversed()
  }
}
