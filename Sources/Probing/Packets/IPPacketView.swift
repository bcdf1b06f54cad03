// SPDX-License-Identifier: MIT
package import Wire

/// What an IP packet says of itself, as far as answers are told apart by it.
///
/// IPv6 extension headers are not walked: answers have none.
package struct IPPacketView {
  package let source: IPAddress
  package let destination: IPAddress
  package let transportProtocol: TransportProtocol
  /// Bytes of the packet, as its header says.
  package let length: Int
  /// What stands behind the IP header; of a quoted packet perhaps only the beginning.
  package let payload: [UInt8]

  /// Reads the packet at the start of `bytes`, which may be cut short behind its IP header.
  package init?(_ bytes: some Sequence<UInt8>) {
    var bytes = Array(bytes)
    switch bytes.first.map({ $0 >> 4 }) {
    case 4:
      guard let header = try? bytes.withPacketBytes({ try IPv4Header(parsingQuoted: $0) }) else { return nil }
      (source, destination) = (.v4(header.source), .v4(header.destination))
      (transportProtocol, length) = (header.transportProtocol, Int(header.totalLength))
      payload = Array(bytes.dropFirst(header.headerLength).prefix(length - header.headerLength))
    case 6:
      guard let header = try? bytes.withPacketBytes({ try IPv6Header(parsingQuoted: $0) }) else { return nil }
      (source, destination) = (.v6(header.source), .v6(header.destination))
      (transportProtocol, length) = (header.nextHeader, IPv6Header.size + Int(header.payloadLength))
      payload = Array(bytes.dropFirst(IPv6Header.size).prefix(Int(header.payloadLength)))
    default: return nil
    }
  }
}

/// What an ICMP error's quotation of a packet is recognised by: what no router changes on the way.
struct Fingerprint: Hashable {
  private let source: IPAddress
  private let destination: IPAddress
  private let transportProtocol: TransportProtocol
  private let length: Int
  /// The ports, or the first word of whatever is inside. Every error quotes 8 bytes of it (RFC 792).
  private let firstWord: UInt32

  init?(_ packet: IPPacketView) {
    guard let word = packet.payload.number(at: 0, as: UInt32.self) else { return nil }
    (source, destination) = (packet.source, packet.destination)
    (transportProtocol, length) = (packet.transportProtocol, packet.length)
    firstWord = word
  }
}
