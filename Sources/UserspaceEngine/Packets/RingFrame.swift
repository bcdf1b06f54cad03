// SPDX-License-Identifier: MIT
import CLinux

/// A received frame in its slot of the ring, valid until the slot is released.
@safe
struct RingFrame {
  private let header: UnsafeMutablePointer<tpacket2_hdr>

  /// What to reserve in front of a frame, besides what the kernel leaves there to align it: such that IP headers stand
  /// at multiples of 16.
  static var reserve: Int { 70 }

  /// Bytes of a slot in front of the frame: as `tpacket_rcv` in net/packet/af_packet.c computes `macoff`.
  static var headByteCount: Int {
    aligned(headerByteCount + 16) + reserve + MemoryLayout<virtio_net_hdr>.size - Int(ETH_HLEN)
  }

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

  /// Puts the VLAN tag back that the kernel has taken off, if there was one: an answer leaves with it.
  ///
  /// - Returns: where in `room` the frame starts now.
  func restoreTag() -> Int {
    guard unsafe header.pointee.tp_status & UInt32(TP_STATUS_VLAN_VALID) != 0 else { return offset }
    let hasType = unsafe header.pointee.tp_status & UInt32(TP_STATUS_VLAN_TPID_VALID) != 0
    let type = unsafe hasType ? header.pointee.tp_vlan_tpid : UInt16(ETH_P_8021Q)
    let frame = unsafe UnsafeMutableRawPointer(header) + Int(header.pointee.tp_mac)
    let addresses = 2 * Int(ETH_ALEN)
    unsafe (frame - 4).copyMemory(from: frame, byteCount: addresses)
    let tag = unsafe (UInt32(type) << 16 | UInt32(header.pointee.tp_vlan_tci)).bigEndian
    unsafe (frame - 4 + addresses).storeBytes(of: tag, as: UInt32.self)
    return offset &- 4
  }

  /// Whether the kernel or a network card merged several packets into it, so that it cannot be forwarded: it is longer
  /// than any link carries, or the borders between datagrams are lost. TCP has no borders to lose.
  var isMerged: Bool {
    let kind = unsafe Int32(offloads.pointee.gso_type) & ~VIRTIO_NET_HDR_GSO_ECN
    let losesBorders =
      kind != VIRTIO_NET_HDR_GSO_NONE && kind != VIRTIO_NET_HDR_GSO_TCPV4
      && kind != VIRTIO_NET_HDR_GSO_TCPV6
    return unsafe losesBorders || header.pointee.tp_snaplen < header.pointee.tp_len
  }

  /// The checksum that its sender left to a network card that it never met.
  var unfinishedChecksum: UnfinishedChecksum? {
    guard unsafe Int32(offloads.pointee.flags) & VIRTIO_NET_HDR_F_NEEDS_CSUM != 0 else { return nil }
    return unsafe UnfinishedChecksum(start: Int(offloads.pointee.csum_start), field: Int(offloads.pointee.csum_offset))
  }

  /// What is left to do of the frame. Stands in front of it, where an encapsulation goes: to be read before.
  private var offloads: UnsafePointer<virtio_net_hdr> {
    unsafe (UnsafeRawPointer(header) + Int(header.pointee.tp_mac) - MemoryLayout<virtio_net_hdr>.size)
      .assumingMemoryBound(to: virtio_net_hdr.self)
  }
}
