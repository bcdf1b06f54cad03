// SPDX-License-Identifier: MIT
import Wire

/// What an ICMP error says.
struct ICMPError {
  let type: UInt8
  let code: UInt8
  /// The four bytes behind the checksum.
  let rest: UInt32

  @inline(always)
  static func portUnreachable(isIPv6: Bool) -> ICMPError {
    isIPv6
      ? ICMPError(type: ICMPv6Type.destinationUnreachable, code: 4, rest: 0)
      : ICMPError(type: ICMPType.destinationUnreachable, code: 3, rest: 0)
  }

  /// "Fragmentation needed" (RFC 1191) or "packet too big" (RFC 4443).
  @inline(always)
  static func packetTooBig(isIPv6: Bool, mtu: Int) -> ICMPError {
    isIPv6
      ? ICMPError(type: ICMPv6Type.packetTooBig, code: 0, rest: UInt32(truncatingIfNeeded: mtu))
      : ICMPError(type: ICMPType.destinationUnreachable, code: 4, rest: UInt32(truncatingIfNeeded: mtu & 0xFFFF))
  }

  /// 32-bit words of the longest error.
  @inline(always) static var largestWords: Int { (1232 &+ ICMPHeader.size) / 4 }

  /// Bytes of the packet that are quoted at most: so many that the answer reaches every host whole, 576 bytes
  /// (RFC 1812, 4.3.2.3) or 1,280 (RFC 4443, 3.1).
  @inline(always)
  static func quoteLimit(isIPv6: Bool) -> Int { isIPv6 ? 1232 : 548 }
}

/// Turns a packet into the ICMP error about it, from the address that it was for; as much of it is quoted as may be, in
/// units of four bytes. False where there is no room for it.
@inline(always)
func answer<E: Environment>(
  _ datagram: Datagram, with error: ICMPError, _ environment: inout E
) -> Bool {
  let packet = datagram.packet
  let quote = min(packet.totalLength, ICMPError.quoteLimit(isIPv6: packet.isIPv6)) & ~3
  let headers = (packet.isIPv6 ? IPv6Header.size : IPv4Header.size) &+ ICMPHeader.size
  guard environment.trim(to: datagram.networkOffset &+ quote),
    environment.moveHead(by: headers)
  else { return false }
  let frame = environment.packet
  // Forgotten, or the compiler would count from the end, and the verifier follows no negative offset.
  let offset = environment.settle(datagram.networkOffset &+ headers &- ICMPHeader.size) & 0x7F
  let message = frame.dropping(offset)
  guard frame.holds(LinkHeader.largestSize), message.holds(ICMPHeader.size) else { return false }
  ICMPHeader(type: error.type, code: error.code, rest: error.rest).emit(into: message)
  let length = quote &+ ICMPHeader.size
  let transportProtocol: TransportProtocol = packet.isIPv6 ? .icmpv6 : .icmp
  var checksum =
    packet.isIPv6
    ? packet.reversedPseudoHeader(length: UInt16(truncatingIfNeeded: length), .icmpv6) : Checksum()
  checksum.add(message, limit: ICMPError.largestWords)
  ICMPHeader(type: error.type, code: error.code, checksum: checksum.value, rest: error.rest).emit(into: message)
  datagram.link.reversed.emit(into: frame)
  return emitReversed(packet, payload: length, transportProtocol, into: frame.dropping(datagram.networkOffset))
}
