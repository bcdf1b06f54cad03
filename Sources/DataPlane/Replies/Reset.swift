// SPDX-License-Identifier: MIT
import Wire

/// Turns a TCP segment to a closed port into the reset that it gets from its destination (RFC 9293, 3.10.7.1).
@inline(always)
func reset<E: Environment>(_ datagram: Datagram, _ environment: inout E) -> Verdict {
  let packet = datagram.packet
  guard packet.transportLength >= TCPHeader.size,
    let segment = try? TCPHeader(parsing: environment.packet.dropping(datagram.transportOffset))
  else { return .truncatedTransport }
  guard !segment.flags.has(.reset) else { return .closedPort }
  let headers = datagram.networkOffset &+ (packet.isIPv6 ? IPv6Header.size : IPv4Header.size)
  guard environment.trim(to: headers &+ TCPHeader.size) else { return .unanswered }
  let frame = environment.packet
  // Forgotten, or the compiler would conclude one bound from the other, and the verifier does not.
  let place = frame.dropping(environment.settle(headers) & 0x7F)
  guard frame.holds(LinkHeader.largestSize), place.holds(TCPHeader.size) else { return .unanswered }
  let answer = segment.reset(dataLength: packet.transportLength &- segment.headerLength)
  answer.emit(
    into: place,
    pseudoHeader: packet.reversedPseudoHeader(length: UInt16(TCPHeader.size), .tcp))
  datagram.link.reversed.emit(into: frame)
  let isWhole = emitReversed(
    packet, payload: TCPHeader.size, .tcp, into: frame.dropping(datagram.networkOffset))
  return isWhole ? .portReset : .unanswered
}

extension TCPHeader {
  /// The reset that answers the segment. SYN and FIN count as a byte of data each.
  @inline(always)
  fileprivate func reset(dataLength: Int) -> TCPHeader {
    guard !flags.has(.acknowledge) else {
      return TCPHeader(
        sourcePort: destinationPort, destinationPort: sourcePort, sequence: acknowledgement, acknowledgement: 0,
        flags: .reset)
    }
    let length =
      UInt32(truncatingIfNeeded: dataLength) &+ (flags.has(.synchronize) ? 1 : 0) &+ (flags.has(.finish) ? 1 : 0)
    return TCPHeader(
      sourcePort: destinationPort, destinationPort: sourcePort, sequence: 0, acknowledgement: sequence &+ length,
      flags: Flags(rawValue: Flags.reset.rawValue | Flags.acknowledge.rawValue))
  }
}
