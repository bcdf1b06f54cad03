// SPDX-License-Identifier: MIT
import Wire

extension Encapsulation {
  /// Bytes in front of the client's packet, the outer IPv4 header included.
  @inline(__always)
  public var overhead: Int {
    self == .gre ? IPv4Header.size &+ GREHeader.size : IPv4Header.size
  }
}

/// Puts the headers of `destination`'s encapsulation in front of the client's packet.
@inline(__always)
func encapsulate<E: Environment>(
  _ datagram: Datagram, to destination: Destination, _ environment: inout E
) throws(Verdict) {
  guard destination.isReachable else { throw .unreachable }
  let overhead = destination.usesGRE ? Encapsulation.gre.overhead : Encapsulation.ipip.overhead
  let outerLength = Int(datagram.totalLength) &+ overhead
  guard outerLength <= Int(destination.mtu) else { throw .exceedsMTU }
  guard environment.growHead(by: overhead) else { throw .noHeadroom }
  let frame = environment.packet
  guard frame.holds(EthernetHeader.size &+ Encapsulation.gre.overhead) else { throw .noHeadroom }
  EthernetHeader(destination: destination.nextHop, source: destination.egress, type: .ipv4).emit(into: frame)
  let outer = IPv4Header(
    trafficClass: datagram.trafficClass, totalLength: UInt16(truncatingIfNeeded: outerLength), identification: 0,
    fragment: .doNotFragment, timeToLive: 64, transportProtocol: destination.usesGRE ? .gre : .ipip,
    source: destination.outerSource.embeddedIPv4, destination: destination.outerDestination.embeddedIPv4)
  outer.emit(into: frame.dropping(EthernetHeader.size))
  if destination.usesGRE {
    GREHeader(type: .ipv4).emit(into: frame.dropping(EthernetHeader.size &+ IPv4Header.size))
  }
}
