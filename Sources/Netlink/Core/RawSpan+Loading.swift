// SPDX-License-Identifier: MIT

extension RawSpan {
  /// The number at `offset` in host byte order, aligned or not. The caller has checked the length; this traps.
  func load<Number: BitwiseCopyable>(_: Number.Type, at offset: Int) -> Number {
    precondition(offset >= 0 && offset + MemoryLayout<Number>.size <= byteCount, "read past the end of a message")
    return unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self)
  }
}
