// SPDX-License-Identifier: MIT
import Wire

/// Completes the TCP or UDP checksum of a frame whose sender left that to a network card.
///
/// The field then holds the sum of the pseudo header (RFC 9293, 3.1), so what is missing is the sum over header and
/// payload. Anything but a whole, unfragmented IPv4 packet of these protocols stays as it is: it is not forwarded anyway.
func finishChecksum(of frame: PacketBytes) {
  guard let ethernet = try? EthernetHeader(parsing: frame), ethernet.type == .ipv4,
    let ip = try? IPv4Header(parsing: frame.dropping(EthernetHeader.size)), !ip.fragment.isFragment,
    let field = ChecksumField(of: ip.transportProtocol)
  else { return }
  let length = Int(ip.totalLength) &- ip.headerLength
  let transport = frame.dropping(EthernetHeader.size &+ ip.headerLength)
  guard length >= field.rawValue + 2, transport.holds(length) else { return }
  let sum = internetChecksum(of: transport, length: length)
  // In UDP, 0 says that there is no checksum; all ones means the same number (RFC 768).
  transport.store(sum == 0 && field == .udp ? 0xFFFF : sum, field)
}

/// Where a transport header has its checksum.
private enum ChecksumField: Int {
  case udp = 6
  case tcp = 16

  init?(of transportProtocol: TransportProtocol) {
    switch transportProtocol {
    case .tcp: self = .tcp
    case .udp: self = .udp
    default: return nil
    }
  }
}

/// The Internet checksum (RFC 1071) of the first `length` bytes, which `bytes` hold.
private func internetChecksum(of bytes: PacketBytes, length: Int) -> UInt16 {
  let bytes = unsafe UnsafeRawBufferPointer(start: bytes.start, count: length)
  var checksum = Checksum()
  var offset = 0
  while offset &+ 4 <= length {
    checksum.add(UInt32(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    offset &+= 4
  }
  if offset &+ 2 <= length {
    checksum.add(UInt16(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    offset &+= 2
  }
  if offset < length { checksum.add(UInt16(unsafe bytes[offset]) << 8) }
  return checksum.value
}
