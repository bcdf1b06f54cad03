// SPDX-License-Identifier: MIT
import Wire

/// Turns an echo request to a virtual address into its reply (RFC 792, RFC 4443).
@inline(always)
func answerEcho<E: Environment>(_ datagram: Datagram, _ environment: inout E) -> Verdict {
  let frame = environment.packet
  guard frame.holds(LinkHeader.largestSize) else { return .unanswered }
  let packet = frame.dropping(datagram.networkOffset)
  let message = frame.dropping(datagram.transportOffset)
  guard var echo = try? ICMPHeader(parsing: message), turnAround(packet, datagram.packet) else { return .unanswered }
  var checksum = Checksum()
  checksum.add(~echo.checksum)
  checksum.subtract(UInt16(echo.type) << 8)
  echo.type = datagram.packet.isIPv6 ? ICMPv6Type.echoReply : ICMPType.echoReply
  checksum.add(UInt16(echo.type) << 8)
  // A message of zeros, identifier and sequence number too, has all ones (RFC 1071), which no update arrives at.
  echo.checksum = checksum.value == 0 ? 0xFFFF : checksum.value
  echo.emit(into: message)
  datagram.link.reversed.emit(into: frame)
  return .echoReply
}

/// Sends a packet back to where it came from: everything else in its header stays.
@inline(always)
private func turnAround(_ bytes: PacketBytes, _ packet: IPPacket) -> Bool {
  if packet.isIPv6 {
    guard var header = try? IPv6Header(parsing: bytes) else { return false }
    (header.source, header.destination) = (header.destination, header.source)
    header.hopLimit = Reply.timeToLive
    header.emit(into: bytes)
  } else {
    guard IPv4Header.turnAround(bytes, timeToLive: Reply.timeToLive) else { return false }
  }
  return true
}

/// What all answers have in common.
enum Reply {
  @inline(__always) static var timeToLive: UInt8 { 64 }
}
