// SPDX-License-Identifier: MIT

/// The bytes of one packet, between two pointers.
///
/// Bounds are compared as `start + n <= end`, the one form that the kernel's verifier follows. Whoever reads or writes
/// has asked `holds` first; the views of this module do so once, when they are made.
///
/// Fields are read whole, through typed pointers: a load byte by byte costs BPF an instruction each. `start` therefore
/// lies at an address that is 2 modulo 4, as network drivers place frames, or on a machine that reads unaligned words.
@safe public struct PacketBytes {
  public let start: UnsafeMutableRawPointer
  public let end: UnsafeMutableRawPointer

  /// Both pointers are valid until the packet is resized.
  @inline(always)
  public init(start: UnsafeMutableRawPointer, end: UnsafeMutableRawPointer) {
    unsafe self.start = start
    unsafe self.end = end
  }

  /// The number of bytes: to compare with a length that a header claims, not to check bounds before an access.
  ///
  /// (Linux 6.1 forgets the range of a number whose bytes were swapped, and then refuses to add it to a pointer.)
  @inline(always)
  public var count: Int { unsafe end - start }

  /// Whether `count` bytes stand at `offset`.
  @inline(always)
  public func holds(_ count: Int, at offset: Int = 0) -> Bool {
    unsafe start + offset + count <= end
  }

  /// The bytes from `offset` on.
  @inline(always)
  public func dropping(_ offset: Int) -> PacketBytes {
    unsafe PacketBytes(start: start + offset, end: end)
  }

  /// The number in network byte order at `field`, in host byte order.
  @inline(always)
  public func load<T: FixedWidthInteger, Field: RawRepresentable<Int>>(_ field: Field, as type: T.Type = T.self) -> T {
    T(bigEndian: unsafe (start + field.rawValue).assumingMemoryBound(to: T.self).pointee)
  }

  /// Writes `value` at `field` in network byte order.
  @inline(always)
  public func store<T: FixedWidthInteger, Field: RawRepresentable<Int>>(_ value: T, _ field: Field) {
    unsafe (start + field.rawValue).assumingMemoryBound(to: T.self).pointee = value.bigEndian
  }
}
