// SPDX-License-Identifier: MIT
package import Wire

/// What an IP packet of this host's says besides its payload. Routers may not divide it.
package struct IPEnvelope: Hashable, Sendable {
  package var source: IPAddress
  /// Of the same family as `source`.
  package var destination: IPAddress
  package var transportProtocol: TransportProtocol

  package init(from source: IPAddress, to destination: IPAddress, _ transportProtocol: TransportProtocol) {
    self.source = source
    self.destination = destination
    self.transportProtocol = transportProtocol
  }

  package var headerSize: Int { destination.version == .v6 ? IPv6Header.size : IPv4Header.size }

  /// The packet that carries `payload`: a segment of TCP, a datagram of UDP, or a message of ICMP or ICMPv6, whose
  /// checksum, and UDP's length, are written here.
  package func packet(_ payload: [UInt8]) -> [UInt8] {
    var packet = [UInt8](repeating: 0, count: headerSize)
    packet.reserveCapacity(headerSize + payload.count)
    packet += payload
    emitHeader(into: &packet)
    finish(&packet)
    return packet
  }

  private func emitHeader(into packet: inout [UInt8]) {
    let length = packet.count
    packet.withPacketBytes { bytes in
      switch (source, destination) {
      case (.v4(let source), .v4(let destination)):
        IPv4Header(
          trafficClass: 0, totalLength: UInt16(length), identification: 0, fragment: .doNotFragment,
          timeToLive: 64, transportProtocol: transportProtocol, source: source, destination: destination
        ).emit(into: bytes)
      default:
        IPv6Header(
          trafficClass: 0, flowLabel: 0, payloadLength: UInt16(length - IPv6Header.size),
          nextHeader: transportProtocol, hopLimit: 64, source: source.mapped, destination: destination.mapped
        ).emit(into: bytes)
      }
    }
  }

  private func finish(_ packet: inout [UInt8]) {
    let length = packet.count - headerSize
    if transportProtocol == .udp { packet.set(UInt16(length), at: headerSize + Self.udpLength) }
    packet.set(0, at: headerSize + checksumOffset)
    // UDP sends a sum of zero as all ones: zero says that there is none (RFC 768).
    let value = sum(of: packet[headerSize...])
    packet.set(transportProtocol == .udp && value == 0 ? 0xFFFF : value, at: headerSize + checksumOffset)
  }

  /// Whether the checksum in `payload`, which came in this envelope, is right: of TCP, UDP, ICMP or ICMPv6.
  package func verifies(_ payload: [UInt8]) -> Bool {
    let isOmitted = transportProtocol == .udp && payload.number(at: checksumOffset, as: UInt16.self) == 0
    return isOmitted || sum(of: payload[...]) == 0
  }

  private func sum(of payload: ArraySlice<UInt8>) -> UInt16 {
    var sum = transportProtocol == .icmp ? Checksum() : pseudoHeader(length: payload.count)
    sum.add(contentsOf: payload)
    return sum.value
  }

  /// Where a UDP header has its length (RFC 768).
  private static let udpLength = 4

  private var checksumOffset: Int {
    switch transportProtocol {
    case .tcp: 16
    case .udp: 6
    default: 2
    }
  }

  /// Of RFC 9293, 3.1, and RFC 8200, 8.1: the sum is the same.
  private func pseudoHeader(length: Int) -> Checksum {
    var sum = Checksum()
    sum.add(source.mapped)
    sum.add(destination.mapped)
    sum.add(UInt16(transportProtocol.rawValue))
    sum.add(UInt16(length))
    return sum
  }
}
