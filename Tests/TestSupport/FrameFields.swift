// SPDX-License-Identifier: MIT
import Wire

/// What `FrameCanvas` writes into a frame, true or not.
struct FrameFields {
  /// Identifier and control information of each VLAN tag (IEEE 802.1Q), outermost first.
  var tags: [UInt32] = []
  /// Stands in for the true EtherType.
  var type: UInt16?
  /// The packet around `packet`: a tunnel's, or an ICMP error.
  var envelope: PacketFields?
  /// The bytes of `packet` that the envelope carries, at most all.
  var carried = Int.max
  var packet: PacketFields
  /// Bytes behind the IP packet.
  var padding = 0
}

/// An IP packet and what it carries.
struct PacketFields {
  var version: IPVersion
  /// Mapped for IPv4.
  var source: IPv6Address
  var destination: IPv6Address
  var trafficClass: UInt8 = 0
  var flowLabel: UInt32 = 0
  var timeToLive: UInt8 = 64
  /// IPv4's, with `fragment`, flags and offset as on the wire.
  var identification: UInt16 = 0
  var fragment: UInt16 = 0
  /// Bytes of IPv4 options, a multiple of four up to 40.
  var optionsLength = 0
  var extensions: [ExtensionFields] = []
  var protocolNumber: UInt8
  var transport: TransportShape
  var sourcePort: UInt16 = 0
  var destinationPort: UInt16 = 0
  /// TCP's.
  var flags: UInt8 = 0
  /// ICMP's type and code.
  var message: UInt16 = 0
  /// Type of what GRE carries, protocol of what GUE carries.
  var carries: UInt16 = 0
  /// ICMP's second word, ESP's index or GRE's key.
  var word: UInt32 = 0
  /// False for UDP without a checksum.
  var isChecksummed = true
  var payloadLength = 0
  /// The part of transport header and payload that this packet holds, if it is a fragment.
  var piece: Range<Int>?
  /// Stands in for the true first byte.
  var firstByte: UInt8?
  /// What the IP header's length field says too much.
  var lengthError = 0

  /// Bytes of the IP header, with options and extension headers.
  var networkLength: Int {
    let length = version == .v4 ? 20 &+ optionsLength : 40
    return extensions.isEmpty ? length : extensions.reduce(length) { $0 + $1.length }
  }

  /// Bytes from the packet's start to its payload.
  var headersLength: Int { networkLength &+ (piece?.lowerBound ?? 0 > 0 ? 0 : transport.length) }

  /// Bytes of the packet.
  var length: Int { networkLength &+ (piece?.count ?? transport.length &+ payloadLength) }

  /// The number by which a tunnel announces this packet, and the EtherType.
  var ownProtocolNumber: UInt8 { version == .v4 ? 4 : 41 }
  var ownType: UInt16 { version == .v4 ? 0x0800 : 0x86DD }
}

/// The header behind the IP header; its shape does not depend on the protocol number that announces it.
enum TransportShape: Sendable {
  case none, tcp, udp, sctp, icmp, esp, gre, greWithKey
  /// UDP, and GUE's header of variant 0.
  case gue

  /// Bytes on the wire.
  var length: Int {
    switch self {
    case .none: 0
    case .gre: 4
    case .udp, .icmp, .esp, .greWithKey: 8
    case .sctp, .gue: 12
    case .tcp: 20
    }
  }

  /// The header of a protocol that clients speak to services.
  init(of number: TransportProtocol) {
    switch number.rawValue {
    case 6: self = .tcp
    case 17: self = .udp
    case 50: self = .esp
    case 132: self = .sctp
    default: self = .none
    }
  }
}

/// An extension header, or an authentication header behind IPv4.
struct ExtensionFields {
  var type: UInt8
  /// Bytes on the wire, a multiple of four.
  var length = 8
  /// Stands in for the true second byte.
  var announcedLength: UInt8?
  /// The bytes behind the second: two, then four; what follows is zero.
  var half: UInt16
  var word: UInt32 = 0

  /// The second byte: units of eight bytes after the first, or of four after the second (RFC 4302); none for fragments.
  var lengthField: UInt8 {
    switch type {
    case 44: 0
    case 51: UInt8(truncatingIfNeeded: length / 4 - 2)
    default: UInt8(truncatingIfNeeded: length / 8 - 1)
    }
  }
}
