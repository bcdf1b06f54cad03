// SPDX-License-Identifier: MIT

/// The bytes of an ELF file, or of one section: every read is checked, none traps.
struct ELFBytes {
  let bytes: ArraySlice<UInt8>
  /// What the bytes are, for errors.
  let name: String

  init(_ bytes: ArraySlice<UInt8>, name: String) {
    self.bytes = bytes
    self.name = name
  }

  var count: Int { bytes.count }

  /// The little-endian integer at `offset`.
  func integer<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type, at offset: Int) throws(ELFError) -> T {
    let size = T.bitWidth / 8
    guard offset >= 0, offset <= count - size else { throw .truncated(what: name) }
    let start = bytes.startIndex + offset
    var value: T = 0
    for index in 0..<size { value |= T(bytes[start + index]) << (8 * index) }
    return value
  }

  /// `size` bytes from `offset` on, as the part called `name`.
  func part(_ name: String, at offset: UInt64, size: UInt64) throws(ELFError) -> ELFBytes {
    guard let offset = Int(exactly: offset), let size = Int(exactly: size), size <= count, offset <= count - size else {
      throw .truncated(what: name)
    }
    let start = bytes.startIndex + offset
    return ELFBytes(bytes[start..<start + size], name: name)
  }

  /// The zero-terminated string at `offset`.
  func string(at offset: UInt32) throws(ELFError) -> String {
    guard let offset = Int(exactly: offset), offset < count else { throw .truncated(what: "a name in \(name)") }
    let tail = bytes[(bytes.startIndex + offset)...]
    guard let end = tail.firstIndex(of: 0) else { throw .malformed("a name in \(name) has no end") }
    return String(decoding: tail[..<end], as: UTF8.self)
  }

  /// The number of records of `size` bytes, which must fill the bytes exactly.
  func records(ofSize size: Int) throws(ELFError) -> Int {
    guard count % size == 0 else { throw .malformed("\(name) has \(count) bytes, not a multiple of \(size)") }
    return count / size
  }
}
