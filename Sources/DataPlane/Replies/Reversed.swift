// SPDX-License-Identifier: MIT
import Wire

extension IPPacket {
  /// The sum of the pseudo header of an answer with `length` bytes behind its IP header (RFC 9293, 3.1; RFC 8200, 8.1).
  @inline(always)
  func reversedPseudoHeader(length: UInt16, _ transportProtocol: TransportProtocol) -> Checksum {
    var sum = Checksum()
    sum.add(source)
    sum.add(destination)
    sum.add(UInt16(transportProtocol.rawValue))
    sum.add(length)
    return sum
  }
}

/// Writes the IP header of the answer to `packet`, with `payload` bytes behind it, at the start of `bytes`. False where they
/// do not hold it.
@inline(always)
func emitReversed(
  _ packet: IPPacket, payload: Int, _ transportProtocol: TransportProtocol, into bytes: PacketBytes
) -> Bool {
  if packet.isIPv6 {
    guard bytes.holds(IPv6Header.size) else { return false }
    IPv6Header(
      trafficClass: 0, flowLabel: 0, payloadLength: UInt16(truncatingIfNeeded: payload),
      nextHeader: transportProtocol, hopLimit: Reply.timeToLive, source: packet.destination,
      destination: packet.source
    ).emit(into: bytes)
  } else {
    guard bytes.holds(IPv4Header.size) else { return false }
    IPv4Header(
      trafficClass: 0, totalLength: UInt16(truncatingIfNeeded: payload &+ IPv4Header.size), identification: 0,
      fragment: .doNotFragment, timeToLive: Reply.timeToLive, transportProtocol: transportProtocol,
      source: packet.destination.embeddedIPv4, destination: packet.source.embeddedIPv4
    ).emit(into: bytes)
  }
  return true
}
