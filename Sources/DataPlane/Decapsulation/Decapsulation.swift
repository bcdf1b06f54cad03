// SPDX-License-Identifier: MIT
import Wire

/// Takes the outer headers off a director's packet, so that the host's network stack sees the client's packet as if it
/// had come that way. Any other packet stays unchanged.
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

@inline(__always)
private func unwrap<E: DecapsulationEnvironment>(_ environment: inout E) throws(DecapsulationVerdict) {
  let frame = environment.packet
  guard let ethernet = try? EthernetHeader(parsing: frame) else { throw .truncatedFrame }
  let outer = try tunnelHeader(in: frame, of: ethernet, environment)
  let overhead = try innerOffset(in: frame.dropping(EthernetHeader.size), after: outer)
  let packet = frame.dropping(EthernetHeader.size &+ overhead)
  guard let inner = try? IPv4Header(parsing: packet), Int(inner.totalLength) &+ overhead <= Int(outer.totalLength)
  else { throw .malformedInner }
  guard environment.role(of: IPv6Address(mapping: inner.destination))?.has(.virtualAddress) == true else {
    throw .unknownVirtualAddress
  }
  guard environment.shrinkHead(by: overhead) else { throw .malformedInner }
  let stripped = environment.packet
  guard stripped.holds(EthernetHeader.size) else { throw .malformedInner }
  ethernet.emit(into: stripped)
}

/// The outer header of a packet that a director sent to an address of this host.
@inline(__always)
private func tunnelHeader<E: DecapsulationEnvironment>(
  in frame: PacketBytes, of ethernet: EthernetHeader, _ environment: E
) throws(DecapsulationVerdict) -> IPv4Header {
  guard ethernet.type == .ipv4 else { throw .notIPv4 }
  guard let outer = try? IPv4Header(parsing: frame.dropping(EthernetHeader.size)) else { throw .malformedIPv4 }
  guard outer.transportProtocol == .ipip || outer.transportProtocol == .gre else { throw .notEncapsulated }
  guard environment.role(of: IPv6Address(mapping: outer.destination))?.has(.endpoint) == true else {
    throw .notEndpoint
  }
  guard environment.role(of: IPv6Address(mapping: outer.source))?.has(.director) == true else {
    throw .unknownDirector
  }
  guard !outer.fragment.isFragment else { throw .fragment }
  return outer
}

/// Where the client's packet starts, counted from the outer IP header.
@inline(__always)
private func innerOffset(
  in packet: PacketBytes, after outer: IPv4Header
) throws(DecapsulationVerdict) -> Int {
  guard outer.transportProtocol == .gre else { return outer.headerLength }
  guard let gre = try? GREHeader(parsing: packet.dropping(outer.headerLength)), gre.type == .ipv4 else {
    throw .unsupportedGRE
  }
  return outer.headerLength &+ GREHeader.size
}
