// SPDX-License-Identifier: MIT
import Wire

/// An IP packet that asks what its flow asks, as long as it is wanted.
///
/// Routers may not divide it. A SYN carries data where it is long: hosts ignore those, and answer it (RFC 9293, 3.10.7.2).
public struct ProbePacket: Hashable, Sendable {
  public let flow: ProbeFlow
  /// IP header first.
  public let bytes: [UInt8]

  /// What is sent from: in the middle of nowhere, but the same every time.
  private static let sequence: UInt32 = 0x6375_6C76
  /// What fits an Ethernet frame, of either family. Nobody is going to send any.
  private static let segmentSize: UInt16 = 1440

  /// Offsets in a TCP header, and the option that stands behind it (RFC 9293, 3.1 and 3.2).
  private enum TCP {
    static let headerLength = 12
    static let window = 14
    static let maximumSegmentSize: [UInt8] = [2, 4]
  }

  /// A packet of `size` bytes, or the smallest there is if that has more.
  public init(_ flow: ProbeFlow, size: Int = 0) {
    self.init(flow, Self.segment(of: flow), size: size)
  }

  private init(_ flow: ProbeFlow, _ segment: [UInt8], size: Int = 0) {
    let headerSize = flow.envelope.headerSize
    let length = min(max(size, headerSize + segment.count), Int(UInt16.max))
    let padding = [UInt8](repeating: 0, count: length - headerSize - segment.count)
    self.flow = flow
    self.bytes = flow.envelope.packet(segment + padding)
  }

  /// What ends the connection that a server has begun for `flow`, and would keep for a minute otherwise.
  public static func reset(_ flow: ProbeFlow) -> ProbePacket? {
    guard case .connection(let source, let destination) = flow.question else { return nil }
    let header = TCPHeader(
      sourcePort: source, destinationPort: destination, sequence: sequence &+ 1, acknowledgement: 0, flags: .reset)
    return ProbePacket(flow, segment(header))
  }

  /// The bytes behind the IP header, without checksum.
  private static func segment(of flow: ProbeFlow) -> [UInt8] {
    switch flow.question {
    case .connection(let source, let destination):
      let header = TCPHeader(
        sourcePort: source, destinationPort: destination, sequence: sequence, acknowledgement: 0, flags: .synchronize)
      return opening(segment(header))
    case .datagram(let source, let destination):
      let header = UDPHeader(sourcePort: source, destinationPort: destination, length: 0)
      return .emitting(UDPHeader.size) { header.emit(into: $0) }
    case .echo(let identifier, let sequence):
      let type = flow.version == .v6 ? ICMPv6Type.echoRequest : ICMPType.echoRequest
      let header = ICMPHeader(type: type, code: 0, rest: UInt32(identifier) << 16 | UInt32(sequence))
      return .emitting(ICMPHeader.size) { header.emit(into: $0) }
    }
  }

  private static func segment(_ header: TCPHeader) -> [UInt8] {
    .emitting(TCPHeader.size) { header.emit(into: $0, pseudoHeader: Checksum()) }
  }

  /// A SYN with a window and the option MSS, as that of a client: filters may know no other.
  private static func opening(_ segment: [UInt8]) -> [UInt8] {
    var segment = segment + TCP.maximumSegmentSize + bigEndian(segmentSize)
    segment[TCP.headerLength] = UInt8(segment.count / 4) << 4
    segment.set(UInt16.max, at: TCP.window)
    return segment
  }
}
