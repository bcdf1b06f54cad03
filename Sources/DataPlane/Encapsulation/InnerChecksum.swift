// SPDX-License-Identifier: MIT
import Wire

/// The sum of all words of a client's packet, without reading its payload: it follows from the checksums in it.
///
/// An IPv4 header sums up to zero, and TCP, UDP and ICMPv6 sum up to what their pseudo header lacks. (A packet whose
/// checksum is wrong thus gets a wrong outer one, and is dropped a header earlier.) Nil where nothing follows: for other
/// protocols, fragments, IPv6 extension headers and UDP without a checksum.
@inline(always)
func innerChecksum(of datagram: Datagram, _ frame: PacketBytes) -> Checksum? {
  let packet = datagram.packet
  guard !packet.fragment.isFragment, packet.isPlain || !packet.isIPv6 else { return nil }
  if packet.transportProtocol == .icmp { return Checksum() }
  guard packet.transportProtocol == .tcp || packet.transportProtocol == .icmpv6 || hasUDPChecksum(datagram, frame)
  else { return nil }
  var sum = Checksum()
  if packet.isIPv6 {
    // The pseudo header and the header have the addresses in common, and the length.
    sum.add(0x6000 | UInt16(packet.trafficClass) << 4 | UInt16(truncatingIfNeeded: flowLabel(datagram, frame) >> 16))
    sum.add(UInt16(truncatingIfNeeded: flowLabel(datagram, frame)))
    sum.add(UInt16(packet.transportProtocol.rawValue) << 8 | UInt16(packet.timeToLive))
    sum.subtract(UInt16(packet.transportProtocol.rawValue))
    return sum
  }
  sum.subtract(UInt32(truncatingIfNeeded: packet.source.low))
  sum.subtract(UInt32(truncatingIfNeeded: packet.destination.low))
  sum.subtract(UInt16(packet.transportProtocol.rawValue))
  sum.subtract(UInt16(truncatingIfNeeded: packet.transportLength))
  return sum
}

@inline(always)
private func hasUDPChecksum(_ datagram: Datagram, _ frame: PacketBytes) -> Bool {
  guard datagram.packet.transportProtocol == .udp,
    let udp = try? UDPHeader(parsing: frame.dropping(datagram.transportOffset))
  else { return false }
  return udp.checksum != 0 && Int(udp.length) == datagram.packet.transportLength
}

@inline(always)
private func flowLabel(_ datagram: Datagram, _ frame: PacketBytes) -> UInt32 {
  (try? IPv6Header(parsing: frame.dropping(datagram.link.size)).flowLabel) ?? 0
}
