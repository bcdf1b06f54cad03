// SPDX-License-Identifier: MIT

/// A frame with an IP packet in it, read byte by byte and by nothing of Culvert's.
struct Frame {
  let bytes: [UInt8]
  /// Bytes of the Ethernet header, with two VLAN tags at most.
  let linkSize: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var size = 14
    while size < 22, bytes.count >= size, [0x8100, 0x88A8].contains(bytes.number(at: size - 2)) { size += 4 }
    linkSize = size
  }

  var packet: Packet { Packet(bytes: Array(bytes[linkSize...])) }

  /// Whether the type that the Ethernet header gives is the packet's.
  var isConsistent: Bool { bytes.number(at: linkSize - 2) == (packet.isIPv6 ? 0x86DD : 0x0800) }

  func check(answers request: Frame, isEcho: Bool) {
    let (answer, question) = (packet, request.packet)
    precondition(bytes[..<6] == request.bytes[6..<12], "the answer goes to another machine")
    precondition(bytes[6..<12] == request.bytes[..<6], "the answer comes from another machine")
    precondition(bytes[12..<linkSize] == request.bytes[12..<request.linkSize], "the link's tags or type changed")
    precondition(answer.source == question.destination && answer.destination == question.source, "wrong addresses")
    if isEcho {
      precondition(bytes.count == request.bytes.count, "the echo has another length")
      precondition(!question.hasRightChecksums || answer.hasRightChecksums, "the echo's checksums are wrong")
    } else {
      precondition(answer.length == answer.bytes.count, "the answer is not whole: \(answer)")
      precondition(answer.length <= (answer.isIPv6 ? 1280 : 576), "the answer is too long: \(answer.length)")
      precondition(answer.hasRightChecksums, "the answer's checksums are wrong: \(answer)")
    }
  }
}

/// An IP packet, and what padding follows it.
struct Packet {
  let bytes: [UInt8]

  var isIPv6: Bool { bytes[0] >> 4 == 6 }
  var headerLength: Int { isIPv6 ? 40 : Int(bytes[0] & 0xF) * 4 }
  /// As its header says.
  var length: Int { isIPv6 ? 40 + bytes.number(at: 4) : bytes.number(at: 2) }
  var transportProtocol: UInt8 { isIPv6 ? bytes[6] : bytes[9] }
  var trafficClass: UInt8 { isIPv6 ? bytes[0] << 4 | bytes[1] >> 4 : bytes[1] }
  var timeToLive: UInt8 { isIPv6 ? bytes[7] : bytes[8] }
  var source: ArraySlice<UInt8> { isIPv6 ? bytes[8..<24] : bytes[12..<16] }
  var destination: ArraySlice<UInt8> { isIPv6 ? bytes[24..<40] : bytes[16..<20] }
  var hasRightHeaderChecksum: Bool { isIPv6 || checksum(bytes[..<headerLength]) == 0 }

  /// Of the IPv4 header, and of what is behind the first header if that is TCP, UDP or ICMP.
  var hasRightChecksums: Bool {
    guard hasRightHeaderChecksum else { return false }
    let payload = bytes[headerLength..<length]
    switch transportProtocol {
    case 1: return checksum(payload) == 0
    case 6, 17, 58:
      let length = [UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
      return checksum(source + destination + [0, transportProtocol] + length + payload) == 0
    default: return false
    }
  }
}

/// The Internet checksum (RFC 1071).
private func checksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
  var sum: UInt32 = 0
  for (index, byte) in bytes.enumerated() { sum += index % 2 == 0 ? UInt32(byte) << 8 : UInt32(byte) }
  while sum > 0xFFFF { sum = sum >> 16 + sum & 0xFFFF }
  return ~UInt16(sum)
}

extension [UInt8] {
  /// Two bytes in network order.
  func number(at index: Int) -> Int { Int(self[index]) << 8 | Int(self[index + 1]) }
}
