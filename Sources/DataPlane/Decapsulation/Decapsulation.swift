// SPDX-License-Identifier: MIT
import Wire

/// Takes the outer headers off a director's packet, so that the host's network stack sees the client's packet as if it
/// had come that way. Any other packet stays unchanged.
///
/// Constant time: three table lookups where the addresses are single ones, at most 24 where they are in prefixes.
@inline(__always)
public func decapsulate<E: DecapsulationEnvironment>(_ environment: inout E) -> DecapsulationVerdict {
  do throws(DecapsulationVerdict) {
    try unwrap(&environment)
    environment.count(.decapsulated)
    return .decapsulated
  } catch {
    environment.count(error)
    return error
  }
}

@inline(always)
private func unwrap<E: DecapsulationEnvironment>(_ environment: inout E) throws(DecapsulationVerdict) {
  let frame = environment.packet
  let settings = environment.settings
  guard let link = try? LinkHeader(parsing: frame) else { throw .truncatedFrame }
  guard link.type == .ipv4 || link.type == .ipv6 else { throw .notIP }
  let outer = try tunnelPacket(frame.dropping(link.size), isIPv6: link.type == .ipv6, environment, settings)
  let transport = frame.dropping(link.size).dropping(outer.headerLength)
  let shim = try TunnelShim(of: outer, transport, settings)
  let inner = try InnerPacket(parsing: transport.dropping(shim.size), isIPv6: shim.carriesIPv6, room: shim.room)
  guard environment.plays(.virtualAddress, inner.destination, settings) else { throw .unknownVirtualAddress }
  guard let ecn = inner.ecn.leavingTunnel(marked: ECN(trafficClass: outer.trafficClass)) else {
    throw .congestionMark
  }
  try strip(outer.headerLength &+ shim.size, behind: link, to: inner.isIPv6 ? .ipv6 : .ipv4, &environment)
  guard inner.mark(environment.packet.dropping(link.size), ecn) else { throw .malformedInner }
}

/// The outer packet, whole, that a director sent to an address of this host.
@inline(always)
private func tunnelPacket<E: DecapsulationEnvironment>(
  _ bytes: PacketBytes, isIPv6: Bool, _ environment: E, _ settings: DecapsulationSettings
) throws(DecapsulationVerdict) -> IPPacket {
  let ends = try TunnelEnds(of: bytes, isIPv6: isIPv6, environment, settings)
  guard let outer = try? IPPacket(parsing: bytes, isIPv6: isIPv6) else { throw .malformedIP }
  guard TunnelShim.isTunnel(outer, bytes.dropping(outer.headerLength), settings) else { throw .notEncapsulated }
  guard ends.isToEndpoint else { throw .notEndpoint }
  guard ends.isFromDirector else { throw .unknownDirector }
  guard !outer.fragment.isFragment else { throw .fragment }
  return outer
}

/// Takes `overhead` bytes off behind the link's header, whose tags stay, so that `type` follows it.
@inline(always)
private func strip<E: DecapsulationEnvironment>(
  _ overhead: Int, behind link: LinkHeader, to type: EtherType, _ environment: inout E
) throws(DecapsulationVerdict) {
  guard environment.shrinkHead(by: overhead) else { throw .malformedInner }
  let frame = environment.packet
  guard frame.holds(LinkHeader.largestSize) else { throw .malformedInner }
  var link = link
  link.type = type
  link.emit(into: frame)
}
