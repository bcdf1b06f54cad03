// SPDX-License-Identifier: MIT
import Wire

/// What stands between the outer IP header and the client's packet.
struct TunnelShim {
  /// Bytes on the wire.
  let size: Int
  /// Bytes that the tunnel has for the client's packet; what follows is padding.
  let room: Int
  let carriesIPv6: Bool

  /// Reads what is at the start of `bytes`, behind all headers of `outer`, a whole packet that `isTunnel`.
  @inline(always)
  init(of outer: IPPacket, _ bytes: PacketBytes, _ settings: DecapsulationSettings) throws(DecapsulationVerdict) {
    if outer.transportProtocol == .gre {
      let header = try Self.gre(bytes, settings)
      self.init(size: header.size, room: outer.transportLength, carriesIPv6: header.type == .ipv6)
    } else if outer.transportProtocol == .udp {
      try self.init(inUDP: bytes, outer.transportLength)
    } else {
      self.init(size: 0, room: outer.transportLength, carriesIPv6: outer.transportProtocol == .ipv6)
    }
  }

  /// `room` is that of the shim too.
  @inline(always)
  private init(size: Int, room: Int, carriesIPv6: Bool) {
    self.size = size
    self.room = room &- size
    self.carriesIPv6 = carriesIPv6
  }

  /// Whether any encapsulation has `carried` in IP.
  @inline(always)
  static func isKnown(_ carried: TransportProtocol, _ settings: DecapsulationSettings) -> Bool {
    carried == .ipip || carried == .ipv6 || carried == .gre || carried == .udp && settings.port != 0
  }

  /// Whether `outer`, with `bytes` behind all its headers, is in one of the encapsulations: not where it goes, nor from
  /// whom. Of a later fragment with UDP in it nobody can tell.
  @inline(always)
  static func isTunnel(_ outer: IPPacket, _ bytes: PacketBytes, _ settings: DecapsulationSettings) -> Bool {
    guard isKnown(outer.transportProtocol, settings) else { return false }
    guard outer.transportProtocol == .udp else { return true }
    guard outer.fragment.isFirst, outer.transportLength >= UDPHeader.size, let udp = try? UDPHeader(parsing: bytes)
    else { return false }
    return udp.destinationPort == settings.port
  }

  @inline(always)
  private static func gre(
    _ bytes: PacketBytes, _ settings: DecapsulationSettings
  ) throws(DecapsulationVerdict) -> GREHeader {
    guard let header = try? GREHeader(parsing: bytes), header.type == .ipv4 || header.type == .ipv6 else {
      throw .unsupportedGRE
    }
    guard settings.key == nil || header.key == settings.key else { throw .wrongKey }
    return header
  }

  /// GUE tells by its first two bits whether a header of its own follows (variant 0) or an IP packet (variant 1).
  ///
  /// A checksum of UDP is not verified: what the client sent has its own.
  @inline(always)
  private init(inUDP bytes: PacketBytes, _ transportLength: Int) throws(DecapsulationVerdict) {
    guard let udp = try? UDPHeader(parsing: bytes), Int(udp.length) <= transportLength else { throw .malformedInner }
    let payload = bytes.dropping(UDPHeader.size)
    guard payload.holds(1) else { throw .malformedInner }
    switch payload.load(First.byte, as: UInt8.self) >> 4 {
    case 4: self.init(size: UDPHeader.size, room: Int(udp.length), carriesIPv6: false)
    case 6: self.init(size: UDPHeader.size, room: Int(udp.length), carriesIPv6: true)
    default:
      guard let gue = try? GUEHeader(parsing: payload), gue.payload == .ipip || gue.payload == .ipv6 else {
        throw .unsupportedGUE
      }
      self.init(
        size: UDPHeader.size &+ GUEHeader.size, room: Int(udp.length), carriesIPv6: gue.payload == .ipv6)
    }
  }

  private enum First: Int {
    case byte = 0
  }
}
