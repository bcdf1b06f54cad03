// SPDX-License-Identifier: MIT
import Health
import Probing
import Wire

/// A probe of ours that an ICMP error quotes, in its tunnel or without.
struct QuotedProbe {
  let tag: ProbeTag
  /// The probe, without its tunnel.
  let packet: IPPacketView
  /// What the error says.
  let problem: CheckFailure

  /// Reads the quotation in an ICMP error; nil where it is not, or not enough of it is, of a probe.
  ///
  /// `firstPort` is the first of the ports that are held.
  init?(in error: IPPacketView, firstPort: UInt16) {
    guard let problem = error.problem, let quoted = IPPacketView(error.payload.dropFirst(ICMPHeader.size)),
      let probe = quoted.innermost(firstPort: firstPort), let tag = ProbeTag(ofProbe: probe)
    else { return nil }
    self.tag = tag
    packet = probe
    self.problem = problem
  }
}

extension IPPacketView {
  /// What an ICMP error says, and who; nil for other packets.
  fileprivate var problem: CheckFailure? {
    guard transportProtocol == source.version.icmp,
      let header = header({ bytes throws(Malformation) in try ICMPHeader(parsing: bytes) }),
      let kind = ICMPProblem.Kind(header, source.version)
    else { return nil }
    return CheckFailure(.icmp, "\(kind), says \(source) (type \(header.type), code \(header.code))")
  }
}

extension IPPacketView {
  /// The packet in the tunnel; the packet itself where it is in none.
  fileprivate func innermost(firstPort: UInt16) -> IPPacketView? {
    switch transportProtocol {
    case .ipip, .ipv6: return IPPacketView(payload)
    case .gre:
      guard let flags = payload.first else { return nil }
      return IPPacketView(payload.dropFirst(flags & Self.hasKey == 0 ? GREHeader.size : GREHeader.keyedSize))
    case .udp:
      if payload.number(at: 0, as: UInt16.self).map({ $0 & HeldPorts.mask }) == firstPort { return self }
      let content = payload.dropFirst(UDPHeader.size)
      // GUE of variant 1 is the packet itself (draft-ietf-intarea-gue-09, 4).
      let isPacket = content.first.map { $0 >> 4 == 4 || $0 >> 4 == 6 } ?? false
      return IPPacketView(isPacket ? content : content.dropFirst(GUEHeader.size))
    default: return self
    }
  }

  /// The flag of a GRE header with a key (RFC 2890).
  private static let hasKey: UInt8 = 0x20
}

extension ProbeTag {
  /// The tag in a packet that was sent.
  init?(ofProbe packet: IPPacketView) {
    switch packet.transportProtocol {
    case .tcp:
      guard let sequence: UInt32 = packet.payload.number(at: 4) else { return nil }
      self = .inSequence(SequenceNumber(rawValue: sequence))
    case .udp: self.init(datagram: packet.payload, portAt: 0)
    default: self.init(echo: packet.payload)
    }
  }

  /// The tag in a packet that came as an answer.
  init?(ofAnswer packet: IPPacketView) {
    switch packet.transportProtocol {
    case .tcp:
      guard let segment = TCPSegment(parsing: packet.payload), segment.flags.has(.acknowledge) else { return nil }
      self = .inSequence(segment.acknowledgement)
    case .udp: self.init(datagram: packet.payload, portAt: 2)
    default:
      let type = packet.source.version == .v6 ? ICMPv6Type.echoReply : ICMPType.echoReply
      guard packet.payload.first == type else { return nil }
      self.init(echo: packet.payload)
    }
  }

  private init?(datagram: [UInt8], portAt offset: Int) {
    guard let port: UInt16 = datagram.number(at: offset),
      let identifier: UInt16 = datagram.number(at: UDPHeader.size)
    else { return nil }
    self.init(identifier: identifier, remainder: port)
  }

  private init?(echo: [UInt8]) {
    guard let identifier: UInt16 = echo.number(at: 4), let sequence: UInt16 = echo.number(at: 6) else { return nil }
    self.init(identifier: identifier, remainder: sequence >> 14)
  }
}
