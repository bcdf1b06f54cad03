// SPDX-License-Identifier: MIT
import Wire

/// The client's packet, of which nothing matters here but where it goes: what it carries is the host's business.
struct InnerPacket {
  /// IPv4 addresses are mapped (RFC 4291, 2.5.5.2).
  let destination: IPv6Address
  let isIPv6: Bool
  let ecn: ECN

  /// Reads the packet at the start of `bytes`, which is whole and at most `room` bytes long.
  @inline(always)
  init(parsing bytes: PacketBytes, isIPv6: Bool, room: Int) throws(DecapsulationVerdict) {
    self.isIPv6 = isIPv6
    if isIPv6 {
      guard let header = try? IPv6Header(parsing: bytes), IPv6Header.size &+ Int(header.payloadLength) <= room,
        !header.destination.isMapped
      else { throw .malformedInner }
      destination = header.destination
      ecn = ECN(trafficClass: header.trafficClass)
    } else {
      guard let header = try? IPv4Header(parsing: bytes), Int(header.totalLength) <= room else {
        throw .malformedInner
      }
      destination = IPv6Address(mapping: header.destination)
      ecn = ECN(trafficClass: header.trafficClass)
    }
  }

  /// Marks the packet, which is at the start of `bytes`. False where they do not hold its header.
  @inline(always)
  func mark(_ bytes: PacketBytes, _ ecn: ECN) -> Bool {
    guard ecn != self.ecn else { return true }
    guard bytes.holds(isIPv6 ? IPv6Header.size : IPv4Header.size) else { return false }
    if isIPv6 { IPv6Header.mark(bytes, ecn) } else { IPv4Header.mark(bytes, ecn) }
    return true
  }
}

extension IPv6Address {
  /// Whether it stands for an IPv4 address in tables. On the wire it would pass for that one, behind the back of what
  /// filters IPv4.
  @inline(always)
  var isMapped: Bool { high == 0 && low >> 32 == 0xFFFF }
}
