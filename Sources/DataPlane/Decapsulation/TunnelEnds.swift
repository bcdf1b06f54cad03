// SPDX-License-Identifier: MIT
import Wire

/// Between whom a packet goes that may be a tunnel's.
///
/// They are looked up before the headers behind the first are walked: the kernel's verifier follows each number of
/// extension headers on its own, and would follow all lookups again for each.
struct TunnelEnds {
  let isToEndpoint: Bool
  let isFromDirector: Bool

  /// Looks at the header at the start of `bytes`, and at nobody's role where it says that this is no tunnel's packet.
  @inline(always)
  init<E: DecapsulationEnvironment>(
    of bytes: PacketBytes, isIPv6: Bool, _ environment: E, _ settings: DecapsulationSettings
  ) throws(DecapsulationVerdict) {
    let (source, destination) = try isIPv6 ? Self.ipv6(bytes, settings) : Self.ipv4(bytes, settings)
    isToEndpoint = environment.plays(.endpoint, destination, settings)
    isFromDirector = isToEndpoint && environment.plays(.director, source, settings)
  }

  @inline(always)
  private static func ipv4(
    _ bytes: PacketBytes, _ settings: DecapsulationSettings
  ) throws(DecapsulationVerdict) -> (IPv6Address, IPv6Address) {
    guard let header = try? IPv4Header(parsing: bytes) else { throw .malformedIP }
    guard TunnelShim.isKnown(header.transportProtocol, settings) else { throw .notEncapsulated }
    return (IPv6Address(mapping: header.source), IPv6Address(mapping: header.destination))
  }

  @inline(always)
  private static func ipv6(
    _ bytes: PacketBytes, _ settings: DecapsulationSettings
  ) throws(DecapsulationVerdict) -> (IPv6Address, IPv6Address) {
    guard let header = try? IPv6Header(parsing: bytes), !header.source.isMapped, !header.destination.isMapped else {
      throw .malformedIP
    }
    guard header.nextHeader.isIPv6Extension || TunnelShim.isKnown(header.nextHeader, settings) else {
      throw .notEncapsulated
    }
    return (header.source, header.destination)
  }
}
