// SPDX-License-Identifier: MIT
import Wire

/// Puts the headers of `destination`'s encapsulation in front of the client's packet; `hash` is the flow's.
@inline(always)
func encapsulate<E: Environment>(
  _ datagram: Datagram, to destination: Destination, hash: UInt64, _ environment: inout E
) throws(Verdict) {
  let length = datagram.packet.totalLength &+ destination.overhead
  let checksum = destination.computesUDPChecksum ? innerChecksum(of: datagram, environment.packet) : nil
  let header = LinkHeader(
    destination: destination.nextHop, source: destination.egress, vlan: destination.vlan,
    type: destination.isTunnel ? (destination.isOuterIPv6 ? .ipv6 : .ipv4) : datagram.link.type)
  let identification = destination.forbidsFragmentation ? 0 : datagram.identification(hash, environment.packet)
  guard environment.moveHead(by: destination.overhead &+ header.tagsSize &- datagram.tagsSize) else {
    throw .noHeadroom
  }
  let frame = environment.packet
  guard frame.holds(LinkHeader.largestSize) else { throw .noHeadroom }
  header.emit(into: frame)
  guard destination.isTunnel else { return }
  let outer = OuterPacket(destination, datagram, length: length, hash: hash, innerChecksum: checksum, identification)
  guard outer.emit(into: frame.dropping(header.size)) else { throw .noHeadroom }
}

/// The headers between the link's and the client's packet.
private struct OuterPacket {
  let destination: Destination
  let inner: IPPacket
  /// Bytes of the outer packet.
  let length: Int
  let hash: UInt64
  /// The sum of the client's packet; nil for no UDP checksum.
  let innerChecksum: Checksum?
  /// Of IPv4.
  let identification: UInt16

  @inline(always)
  init(
    _ destination: Destination, _ datagram: Datagram, length: Int, hash: UInt64, innerChecksum: Checksum?,
    _ identification: UInt16
  ) {
    self.destination = destination
    self.inner = datagram.packet
    self.length = length
    self.hash = hash
    self.innerChecksum = innerChecksum
    self.identification = identification
  }

  /// Writes the headers at the start of `packet`. False where it does not hold them.
  @inline(always)
  func emit(into packet: PacketBytes) -> Bool {
    if destination.isOuterIPv6 {
      guard packet.holds(IPv6Header.size &+ Self.largestShim) else { return false }
      ipv6.emit(into: packet)
      emitShim(into: packet.dropping(IPv6Header.size), ipHeader: IPv6Header.size)
    } else {
      guard packet.holds(IPv4Header.size &+ Self.largestShim) else { return false }
      ipv4.emit(into: packet)
      emitShim(into: packet.dropping(IPv4Header.size), ipHeader: IPv4Header.size)
    }
    return true
  }

  /// No packet is so short that the longest shim could not stand here.
  @inline(__always)
  private static var largestShim: Int { UDPHeader.size &+ GUEHeader.size }

  @inline(__always)
  private var source: IPv6Address { destination.outerSource(hash: hash) }

  @inline(__always)
  private var ipv4: IPv4Header {
    IPv4Header(
      trafficClass: inner.trafficClass, totalLength: UInt16(truncatingIfNeeded: length), identification: identification,
      fragment: destination.forbidsFragmentation ? .doNotFragment : .mayFragment,
      timeToLive: destination.timeToLive, transportProtocol: transportProtocol, source: source.embeddedIPv4,
      destination: destination.outerDestination.embeddedIPv4)
  }

  @inline(__always)
  private var ipv6: IPv6Header {
    IPv6Header(
      trafficClass: inner.trafficClass, flowLabel: Entropy.flowLabel(hash),
      payloadLength: UInt16(truncatingIfNeeded: length &- IPv6Header.size), nextHeader: transportProtocol,
      hopLimit: destination.timeToLive, source: source, destination: destination.outerDestination)
  }

  /// The client's packet as a protocol in IP.
  @inline(__always)
  private var innerProtocol: TransportProtocol { inner.isIPv6 ? .ipv6 : .ipip }

  @inline(__always)
  private var transportProtocol: TransportProtocol {
    if destination.has(.ipip) { return innerProtocol }
    return destination.isOverUDP ? .udp : .gre
  }

  /// What stands between the outer IP header and the client's packet.
  @inline(always)
  private func emitShim(into bytes: PacketBytes, ipHeader: Int) {
    if destination.isOverUDP {
      emitUDP(into: bytes, length: UInt16(truncatingIfNeeded: length &- ipHeader))
    } else if destination.has(.gre) {
      GREHeader(type: inner.isIPv6 ? .ipv6 : .ipv4).emit(into: bytes)
    } else if destination.has(.greKey) {
      GREHeader(type: inner.isIPv6 ? .ipv6 : .ipv4, key: destination.key).emit(into: bytes)
    }
  }

  @inline(always)
  private func emitUDP(into bytes: PacketBytes, length: UInt16) {
    var header = UDPHeader(
      sourcePort: Entropy.sourcePort(hash), destinationPort: destination.port, length: length)
    if let innerChecksum { header.checksum = checksum(header, innerChecksum) }
    header.emit(into: bytes)
    guard destination.has(.gue) else { return }
    GUEHeader(payload: innerProtocol).emit(into: bytes.dropping(UDPHeader.size))
  }

  /// The checksum over pseudo header, UDP header, GUE header and the client's packet; 0 is sent as all ones (RFC 768).
  @inline(always)
  private func checksum(_ header: UDPHeader, _ inner: Checksum) -> UInt16 {
    var checksum = inner
    checksum.add(source)
    checksum.add(destination.outerDestination)
    checksum.add(UInt16(TransportProtocol.udp.rawValue))
    checksum.add(header.length)
    checksum.add(header.sourcePort)
    checksum.add(header.destinationPort)
    checksum.add(header.length)
    if destination.has(.gue) { checksum.add(UInt16(innerProtocol.rawValue)) }
    let value = checksum.value
    return value == 0 ? 0xFFFF : value
  }
}

extension Datagram {
  private enum Field: Int {
    /// TCP's and ESP's sequence number, UDP's length and checksum.
    case secondWord = 4
  }

  /// The identification of an outer packet that may be divided: unlike those of other packets on the same way (RFC 6864),
  /// as far as the packet inside is unlike, and without a count that CPUs would have to share.
  @inline(always)
  func identification(_ hash: UInt64, _ frame: PacketBytes) -> UInt16 {
    var word = UInt64(packet.fragment.identification) << 16 | UInt64(packet.fragment.offset)
    let transport = frame.dropping(transportOffset)
    if transport.holds(8) { word = word &+ UInt64(transport.load(Field.secondWord, as: UInt32.self)) << 13 }
    return UInt16(truncatingIfNeeded: FlowHash.mix(hash ^ word) >> 16)
  }
}
