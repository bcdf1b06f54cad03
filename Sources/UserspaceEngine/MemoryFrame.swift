// SPDX-License-Identifier: MIT
import Wire

/// A frame in plain memory, with room at its head.
@safe
struct MemoryFrame {
  /// The first byte that the frame may grow into.
  private let floor: UnsafeMutableRawPointer
  private var start: UnsafeMutableRawPointer
  private var end: UnsafeMutableRawPointer

  /// The frame is `room[offset...]`, for as long as `room` is lent.
  @inline(__always)
  init(_ room: UnsafeMutableRawBufferPointer, at offset: Int) {
    let base = unsafe room.baseAddress.unsafelyUnwrapped
    unsafe floor = base
    unsafe start = base + offset
    unsafe end = base + room.count
  }

  /// Where in the room it stands now.
  var range: Range<Int> { unsafe start - floor..<end - floor }

  var packet: PacketBytes {
    @inline(__always) get { unsafe PacketBytes(start: start, end: end) }
  }

  @inline(__always)
  mutating func moveHead(by count: Int) -> Bool {
    // As bpf_xdp_adjust_head: an Ethernet header stays at least.
    guard unsafe floor + count <= start, unsafe start - count + EthernetHeader.size <= end else { return false }
    unsafe start -= count
    return true
  }

  @inline(__always)
  mutating func trim(to count: Int) -> Bool {
    guard count >= EthernetHeader.size, unsafe start + count <= end else { return false }
    unsafe end = start + count
    return true
  }
}
