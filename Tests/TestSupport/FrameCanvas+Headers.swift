// SPDX-License-Identifier: MIT
import Glibc
import Wire

extension FrameCanvas {
  func writeIPv4(_ packet: PacketFields, _ header: UnsafeMutableRawPointer) {
    let length = 20 &+ packet.optionsLength
    let first = packet.firstByte ?? 0x40 | UInt8(truncatingIfNeeded: length >> 2)
    put(header, 0, UInt16(first) << 8 | UInt16(packet.trafficClass))
    put(header, 2, UInt16(truncatingIfNeeded: packet.length &+ packet.lengthError))
    put(header, 4, packet.identification)
    put(header, 6, packet.fragment)
    put(header, 8, UInt16(packet.timeToLive) << 8 | UInt16(packet.firstHeader))
    put(header, 10, 0 as UInt16)
    put(header, 12, UInt32(truncatingIfNeeded: packet.source.low))
    put(header, 16, UInt32(truncatingIfNeeded: packet.destination.low))
    // No-operation options (RFC 791, 3.1).
    memset(header + 20, 1, packet.optionsLength)
    put(header, 10, complement(sum(header, length)))
  }

  func writeIPv6(_ packet: PacketFields, _ header: UnsafeMutableRawPointer) {
    let first = UInt32(packet.firstByte ?? 0x60 | packet.trafficClass >> 4)
    let label = UInt32(packet.trafficClass & 0xF) << 20 | packet.flowLabel & 0xFFFFF
    put(header, 0, first << 24 | label)
    put(header, 4, UInt16(truncatingIfNeeded: packet.length &- 40 &+ packet.lengthError))
    put(header, 6, UInt16(packet.firstHeader) << 8 | UInt16(packet.timeToLive))
    put(header, 8, packet.source)
    put(header, 24, packet.destination)
  }

  func writeExtensions(_ packet: PacketFields, _ ipHeader: UnsafeMutableRawPointer) {
    var header = ipHeader + (packet.version == .v4 ? 20 &+ packet.optionsLength : 40)
    var index = 0
    while index < packet.extensions.count {
      let fields = packet.extensions[index]
      index &+= 1
      let next = index == packet.extensions.count ? packet.protocolNumber : packet.extensions[index].type
      put(header, 0, UInt16(next) << 8 | UInt16(fields.announcedLength ?? fields.lengthField))
      put(header, 2, fields.half)
      put(header, 4, fields.word)
      memset(header + 8, 0, fields.length &- 8)
      header += fields.length
    }
  }

  /// All but the checksum, which is zero afterwards.
  func writeTransport(_ packet: PacketFields, _ header: UnsafeMutableRawPointer) {
    switch packet.transport {
    case .none: break
    case .tcp: writeTCP(packet, header)
    case .udp, .gue: writeUDP(packet, header)
    case .sctp:
      writePorts(packet, header)
      put(header, 4, packet.word)
      put(header, 8, 0 as UInt32)
    case .icmp:
      put(header, 0, UInt32(packet.message) << 16)
      put(header, 4, packet.word)
    case .esp:
      put(header, 0, packet.word)
      put(header, 4, 1 as UInt32)
    case .gre: put(header, 0, UInt32(packet.carries))
    case .greWithKey:
      put(header, 0, 0x2000_0000 | UInt32(packet.carries))
      put(header, 4, packet.word)
    }
  }

  private func writePorts(_ packet: PacketFields, _ header: UnsafeMutableRawPointer) {
    put(header, 0, packet.sourcePort)
    put(header, 2, packet.destinationPort)
  }

  private func writeTCP(_ packet: PacketFields, _ header: UnsafeMutableRawPointer) {
    writePorts(packet, header)
    put(header, 4, UInt32(truncatingIfNeeded: packet.source.low) &* 0x9E37_79B9)
    put(header, 8, 0 as UInt32)
    put(header, 12, 0x5000_2000 | UInt32(packet.flags) << 16)
    put(header, 16, 0 as UInt32)
  }

  private func writeUDP(_ packet: PacketFields, _ header: UnsafeMutableRawPointer) {
    writePorts(packet, header)
    put(header, 4, UInt32(truncatingIfNeeded: packet.transport.length &+ packet.payloadLength) << 16)
    if packet.transport == .gue { put(header, 8, UInt32(packet.carries) << 16) }
  }

  func pseudoHeaderSum(_ packet: PacketFields, _ length: Int) -> UInt64 {
    let rest = UInt64(packet.protocolNumber) &+ UInt64(truncatingIfNeeded: length)
    // The upper words of mapped addresses are no part of IPv4's.
    guard packet.version == .v6 else {
      return rest &+ packet.source.low & 0xFFFF_FFFF &+ packet.destination.low & 0xFFFF_FFFF
    }
    return rest &+ halves(packet.source) &+ halves(packet.destination)
  }

  private func halves(_ address: IPv6Address) -> UInt64 {
    address.high >> 32 &+ address.high & 0xFFFF_FFFF &+ address.low >> 32 &+ address.low & 0xFFFF_FFFF
  }
}

extension PacketFields {
  /// What the IP header says to follow.
  var firstHeader: UInt8 { extensions.first?.type ?? protocolNumber }
}

extension TransportShape {
  /// Where the Internet checksum stands, if there is one.
  var checksumOffset: Int? {
    switch self {
    case .tcp: 16
    case .udp, .gue: 6
    case .icmp: 2
    case .none, .sctp, .esp, .gre, .greWithKey: nil
    }
  }
}
