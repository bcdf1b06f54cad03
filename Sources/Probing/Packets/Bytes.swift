// SPDX-License-Identifier: MIT
package import Wire

// Packets as arrays: where they are few and nothing is hot.

extension [UInt8] {
  /// `count` bytes that `emit` writes.
  package static func emitting(_ count: Int, _ emit: (PacketBytes) -> Void) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    bytes.withPacketBytes(emit)
    return bytes
  }

  /// Lends the bytes to `Wire`.
  package mutating func withPacketBytes<Result, Failure: Error>(
    _ body: (PacketBytes) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let count = count
    return try unsafe withUnsafeMutableBufferPointer { (buffer) throws(Failure) -> Result in
      guard let start = buffer.baseAddress else {
        var nothing: UInt8 = 0
        return try unsafe withUnsafeMutablePointer(to: &nothing) { (start) throws(Failure) in
          try body(unsafe PacketBytes(start: start, end: start))
        }
      }
      return try body(unsafe PacketBytes(start: start, end: start + count))
    }
  }

  /// Writes a number in network byte order; the bytes are there.
  package mutating func set(_ value: UInt16, at offset: Int) {
    replaceSubrange(offset..<offset + 2, with: bigEndian(value))
  }

  /// The number in network byte order at `offset`; nil beyond the end.
  package func number<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type = Number.self) -> Number? {
    guard offset + MemoryLayout<Number>.size <= count else { return nil }
    return self[offset..<offset + MemoryLayout<Number>.size].reduce(0) { $0 << 8 | Number($1) }
  }
}

/// The bytes of a number in network byte order.
package func bigEndian(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)] }

extension Checksum {
  /// Adds all bytes; an odd one at the end counts as the high half of a word.
  package mutating func add(contentsOf bytes: ArraySlice<UInt8>) {
    for index in stride(from: bytes.startIndex, to: bytes.endIndex, by: 2) {
      let low = index + 1 < bytes.endIndex ? bytes[index + 1] : 0
      add(UInt16(bytes[index]) << 8 | UInt16(low))
    }
  }
}
