// SPDX-License-Identifier: MIT

/// The pieces of an Ethernet frame, tagged or not, whose IPv4 or IPv6 packet is longer than `mtu` bytes; in order, and
/// the frame itself where it fits. IPv4 options stand in every piece, and `identification` is for IPv6.
public func fragments(of frame: [UInt8], mtu: Int, identification: UInt32 = 1) -> [[UInt8]] {
  let start = packetOffset(in: frame)
  guard frame.count - start > mtu else { return [frame] }
  let link = Array(frame[..<start])
  let packet = Array(frame[start...])
  let pieces = packet[0] >> 4 == 4 ? ipv4Pieces(packet, mtu) : ipv6Pieces(packet, mtu, identification)
  return pieces.map { link + $0 }
}

/// Where the packet begins, behind the Ethernet header and its tags.
private func packetOffset(in frame: [UInt8]) -> Int {
  var offset = 14
  while [[0x81, 0x00], [0x88, 0xA8]].contains(frame[offset - 2..<offset]) { offset += 4 }
  return offset
}

/// RFC 791, 3.2; a piece of a piece keeps its place.
private func ipv4Pieces(_ packet: [UInt8], _ mtu: Int) -> [[UInt8]] {
  let header = Array(packet[..<(Int(packet[0] & 0xF) * 4)])
  let field = UInt16(header[6]) << 8 | UInt16(header[7])
  return cut(packet[header.count...], into: mtu - header.count).map { offset, piece, isLast in
    let more = isLast ? field & 0x2000 : 0x2000
    var header = header
    header.replaceSubrange(2..<4, with: UInt16(header.count + piece.count).octets)
    header.replaceSubrange(6..<8, with: (field & 0xDFFF + UInt16(offset / 8) | more).octets)
    header.replaceSubrange(10..<12, with: [0, 0])
    return PacketLayer.checksummed(header, at: 10) + piece
  }
}

/// RFC 8200, 4.5.
private func ipv6Pieces(_ packet: [UInt8], _ mtu: Int, _ identification: UInt32) -> [[UInt8]] {
  let (end, field) = unfragmentablePart(of: packet)
  return cut(packet[end...], into: mtu - end - 8).map { offset, piece, isLast in
    var head = Array(packet[..<end])
    head.replaceSubrange(4..<6, with: UInt16(end - 40 + 8 + piece.count).octets)
    let next = head[field]
    head[field] = 44
    return head + [next, 0] + (UInt16(offset) | (isLast ? 0 : 1)).octets + identification.octets + piece
  }
}

/// Where the part ends that every piece repeats, which is up to the last header for nodes on the way, and where the
/// field is that says what follows it.
private func unfragmentablePart(of packet: [UInt8]) -> (end: Int, nextHeaderField: Int) {
  var part = (end: 40, nextHeaderField: 6)
  var (offset, next) = (40, packet[6])
  while [0, 43, 60].contains(next) {
    let field = offset
    offset += 8 * (1 + Int(packet[field + 1]))
    // Destination options belong to it only where a routing header follows.
    if next != 60 { part = (offset, field) }
    next = packet[field]
  }
  return part
}

/// Pieces of at most `size` bytes, all but the last a multiple of eight.
private func cut(_ bytes: ArraySlice<UInt8>, into size: Int) -> [(offset: Int, piece: [UInt8], isLast: Bool)] {
  let size = size / 8 * 8
  precondition(size > 0, "there is no room for a piece")
  return stride(from: 0, to: bytes.count, by: size).map { offset in
    (offset, Array(bytes.dropFirst(offset).prefix(size)), offset + size >= bytes.count)
  }
}
