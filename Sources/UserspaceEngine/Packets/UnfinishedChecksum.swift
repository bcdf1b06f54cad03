// SPDX-License-Identifier: MIT
import Wire

/// A transport checksum that a sender left to its network card: the field holds the sum of the pseudo header only
/// (RFC 9293, 3.1), and what stands in the frame is still to be added.
struct UnfinishedChecksum: Equatable {
  /// Where in the frame the sum starts; it goes on to the frame's end.
  let start: Int
  /// Where the field is, counted from `start`.
  let field: Int

  /// Completes the checksum, unless it lies outside of the frame.
  func finish(_ frame: PacketBytes) {
    guard frame.holds(2, at: start &+ field) else { return }
    let bytes = unsafe UnsafeMutableRawBufferPointer(start: frame.start, count: frame.count)
    let sum = unsafe checksum(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    // In UDP, 0 says that there is no checksum; all ones mean the same number everywhere (RFC 768, RFC 1071).
    unsafe bytes.storeBytes(of: (sum == 0 ? 0xFFFF : sum).bigEndian, toByteOffset: start &+ field, as: UInt16.self)
  }

  /// The Internet checksum (RFC 1071) of all of `bytes`.
  private func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt16 {
    var checksum = Checksum()
    var offset = 0
    while offset &+ 4 <= bytes.count {
      checksum.add(UInt32(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
      offset &+= 4
    }
    if offset &+ 2 <= bytes.count {
      checksum.add(UInt16(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
      offset &+= 2
    }
    if offset < bytes.count { checksum.add(UInt16(unsafe bytes[offset]) << 8) }
    return checksum.value
  }
}
