// SPDX-License-Identifier: MIT
import CLinux

/// A received frame in its slot of the ring, valid until the slot is released.
@safe
struct RingFrame {
  private let header: UnsafeMutablePointer<tpacket2_hdr>

  /// What to reserve in front of a frame, besides what the kernel leaves there to align it: a multiple of 16, so that IP
  /// headers stay at multiples of four.
  static var reserve: Int { 64 }

  /// Bytes of a slot that go to the kernel's header, the sender's address, and the room in front of the frame: as
  /// `tpacket_rcv` in net/packet/af_packet.c computes `macoff`.
  static var roomByteCount: Int { aligned(headerByteCount + 16) + reserve - Int(ETH_HLEN) }

  /// The kernel's header and the sender's address. The corresponding C constant is `TPACKET2_HDRLEN`.
  private static var headerByteCount: Int { addressOffset + MemoryLayout<sockaddr_ll>.size }
  private static var addressOffset: Int { aligned(MemoryLayout<tpacket2_hdr>.size) }
  private static func aligned(_ count: Int) -> Int { (count + 15) & ~15 }

  init(_ slot: UnsafeMutableRawPointer) {
    unsafe header = slot.assumingMemoryBound(to: tpacket2_hdr.self)
  }

  /// What may be written: the room in front of the frame, and the frame.
  var room: UnsafeMutableRawBufferPointer {
    let start = unsafe UnsafeMutableRawPointer(header) + Self.headerByteCount
    return unsafe UnsafeMutableRawBufferPointer(start: start, count: offset &+ Int(header.pointee.tp_snaplen))
  }

  /// Where in `room` the frame starts.
  var offset: Int { unsafe Int(header.pointee.tp_mac) &- Self.headerByteCount }

  /// Whether it came in for this host: not sent by it, not for everybody, not for somebody else on the link.
  var isForThisHost: Bool {
    unsafe (UnsafeRawPointer(header) + Self.addressOffset).assumingMemoryBound(to: sockaddr_ll.self)
      .pointee.sll_pkttype == UInt8(PACKET_HOST)
  }

  /// Whether it carried a VLAN tag, which the kernel has taken off.
  var isTagged: Bool { unsafe header.pointee.tp_status & UInt32(TP_STATUS_VLAN_VALID) != 0 }

  /// Whether its sender left the transport checksum to a network card that it never met.
  var lacksChecksum: Bool { unsafe header.pointee.tp_status & UInt32(TP_STATUS_CSUMNOTREADY) != 0 }

  /// Whether it is longer than its slot: several packets that the kernel merged, for no link carries it.
  var isCutShort: Bool { unsafe header.pointee.tp_snaplen < header.pointee.tp_len }
}
