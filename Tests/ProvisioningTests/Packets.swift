// SPDX-License-Identifier: MIT

// Packets as a director and its clients send them: written here by hand, so that the tests do not depend on Culvert's own
// idea of them.

/// An IPv4 packet (RFC 791) with a time to live of 64.
func ipv4(_ source: UInt32, _ destination: UInt32, protocol: UInt8, _ payload: [UInt8]) -> [UInt8] {
  var header: [UInt8] = [0x45, 0] + bytes(UInt16(20 + payload.count)) + [0, 1, 0, 0, 64, `protocol`, 0, 0]
  header += bytes(source) + bytes(destination)
  header.replaceSubrange(10..<12, with: bytes(checksum(header)))
  return header + payload
}

/// A UDP datagram without checksum (RFC 768).
func udp(_ source: UInt16, _ destination: UInt16, _ payload: [UInt8]) -> [UInt8] {
  bytes(source) + bytes(destination) + bytes(UInt16(8 + payload.count)) + [0, 0] + payload
}

/// A TCP segment that opens a connection (RFC 9293), between the addresses that its checksum covers.
func synchronize(
  _ source: UInt32, _ sourcePort: UInt16, _ destination: UInt32, _ destinationPort: UInt16
) -> [UInt8] {
  var segment = bytes(sourcePort) + bytes(destinationPort) + bytes(0x1234_5678 as UInt32) + bytes(0 as UInt32)
  segment += [0x50, 0x02, 0xff, 0xff, 0, 0, 0, 0]
  let pseudo = bytes(source) + bytes(destination) + [0, 6] + bytes(UInt16(segment.count))
  segment.replaceSubrange(16..<18, with: bytes(checksum(pseudo + segment)))
  return segment
}

/// A GRE header (RFC 2784) before an IPv4 packet.
func gre(_ packet: [UInt8]) -> [UInt8] { [0, 0, 0x08, 0] + packet }

/// Most significant byte first.
private func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: number.bigEndian) { Array($0) }
}

/// The Internet checksum (RFC 1071) of an even number of bytes.
private func checksum(_ bytes: [UInt8]) -> UInt16 {
  var sum = stride(from: 0, to: bytes.count, by: 2).reduce(0) { $0 + UInt32(bytes[$1]) << 8 + UInt32(bytes[$1 + 1]) }
  while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
  return ~UInt16(sum)
}
