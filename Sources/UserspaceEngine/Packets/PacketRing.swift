// SPDX-License-Identifier: MIT
import CLinux
import Linux
import Synchronization

/// Received frames in memory shared with the kernel: packet(7), `PACKET_RX_RING`, `TPACKET_V2`.
///
/// The second version hands each frame over at once; the third waits until a block is full or its time is up. Each slot
/// has room in front of its frame, where an encapsulation goes: what leaves is what came in, not a copy.
@safe
struct PacketRing: ~Copyable {
  private let memory: MemoryMapping
  private let start: UnsafeMutableRawPointer
  private let slotByteCount: Int
  private let slotMask: Int
  /// The slot that the kernel fills next after those that have been released.
  private var head = 0

  /// How large the ring is.
  struct Geometry: Equatable {
    let slotByteCount: Int
    let slotCount: Int

    /// Slots that hold a frame of `mtu` bytes of payload with its header and the room at its head.
    init(mtu: Int) {
      let needed = RingFrame.headByteCount + Int(ETH_HLEN) + mtu
      var size = 2048
      while size < needed { size *= 2 }
      slotByteCount = size
      slotCount = max(256, Self.byteCount / size)
    }

    /// 8,192 ordinary frames: 8 ms at a million a second.
    private static var byteCount: Int { 16 << 20 }
    fileprivate var blockByteCount: Int { max(slotByteCount, 1 << 16) }
    fileprivate var blockCount: Int { slotByteCount * slotCount / blockByteCount }
  }

  /// Gives a socket that is not bound yet a ring.
  init(_ socket: PacketSocket, _ geometry: Geometry) throws(LinuxError) {
    try socket.set(PACKET_VERSION, CInt(TPACKET_V2.rawValue), to: "choose the ring's version")
    try socket.set(PACKET_VNET_HDR, 1 as CInt, to: "learn what offloads left undone")
    try socket.set(PACKET_RESERVE, CUnsignedInt(RingFrame.reserve), to: "reserve room for encapsulation")
    let request = tpacket_req(
      tp_block_size: CUnsignedInt(geometry.blockByteCount), tp_block_nr: CUnsignedInt(geometry.blockCount),
      tp_frame_size: CUnsignedInt(geometry.slotByteCount), tp_frame_nr: CUnsignedInt(geometry.slotCount))
    let byteCount = geometry.slotByteCount * geometry.slotCount
    try socket.set(PACKET_RX_RING, request, to: "make a ring of \(byteCount >> 20) MiB for received frames")
    let mapping = try MemoryMapping(socket.borrowed, byteCount: byteCount)
    unsafe start = mapping.buffer.baseAddress.unsafelyUnwrapped
    memory = mapping
    slotByteCount = geometry.slotByteCount
    slotMask = geometry.slotCount - 1
  }

  /// How many frames wait, counted up to `limit`.
  func ready(upTo limit: Int) -> Int {
    var count = 0
    while count < limit, unsafe status(count).pointee.load(ordering: .acquiring) & UInt32(TP_STATUS_USER) != 0 {
      count &+= 1
    }
    return count
  }

  /// The frame at `position` of those that wait: 0 is the oldest.
  func frame(_ position: Int) -> RingFrame { unsafe RingFrame(slot(position)) }

  /// Gives the oldest `count` frames back to the kernel: they must not be looked at any more.
  mutating func release(_ count: Int) {
    for position in 0..<count {
      unsafe status(position).pointee.store(UInt32(TP_STATUS_KERNEL), ordering: .releasing)
    }
    head = (head &+ count) & slotMask
  }

  private func slot(_ position: Int) -> UnsafeMutableRawPointer {
    unsafe start + ((head &+ position) & slotMask) &* slotByteCount
  }

  /// The first field of each slot says whose it is.
  private func status(_ position: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
    unsafe slot(position).assumingMemoryBound(to: Atomic<UInt32>.self)
  }
}
