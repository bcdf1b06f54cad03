// SPDX-License-Identifier: MIT
import Wire

/// One header of a frame that a `PacketBuilder` makes.
struct PacketLayer: Sendable {
  /// The number by which IP announces this layer; 253 is for experiments (RFC 3692).
  var protocolNumber: UInt8 = 253
  /// How a link announces this layer, where one can.
  var etherType: UInt16?
  /// Those of an IP header: checksums inside cover them.
  var addresses: AddressPair?
  /// The header with what it carries.
  let bytes: @Sendable (Surroundings) -> [UInt8]

  /// What a header depends on besides its own fields.
  struct Surroundings {
    /// Everything inside this layer.
    let inner: [UInt8]
    let next: PacketLayer?
    /// The addresses of the nearest IP header outside.
    let outer: AddressPair?

    /// The EtherType of what follows, IPv4's where it has none.
    var nextEtherType: UInt16 { next?.etherType ?? 0x0800 }
    var nextProtocolNumber: UInt8 { next?.protocolNumber ?? 253 }
  }

  /// `segment` with the Internet checksum over itself, and over the pseudo header if it has one, at `offset`.
  static func checksummed(_ segment: [UInt8], at offset: Int, pseudoHeader: [UInt8] = []) -> [UInt8] {
    var segment = segment
    segment.replaceSubrange(offset..<offset + 2, with: internetChecksum(pseudoHeader + segment).octets)
    return segment
  }
}

/// Source and destination of an IP packet.
enum AddressPair: Sendable {
  case v4(IPv4Address, IPv4Address)
  case v6(IPv6Address, IPv6Address)

  /// What a checksum covers of the IP header (RFC 9293, 3.1; RFC 8200, 8.1).
  func pseudoHeader(protocolNumber: UInt8, length: Int) -> [UInt8] {
    switch self {
    case .v4(let source, let destination):
      source.bits.octets + destination.bits.octets + [0, protocolNumber] + UInt16(length).octets
    case .v6(let source, let destination):
      source.octets + destination.octets + UInt32(length).octets + [0, 0, 0, protocolNumber]
    }
  }
}

extension IPv6Address {
  /// The sixteen bytes in network order.
  var octets: [UInt8] { high.octets + low.octets }
}
