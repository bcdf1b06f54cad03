// SPDX-License-Identifier: MIT
import Wire

// The IP header of a probe, and what depends on its length.
extension ProbeFlow {
  var headerSize: Int { version == .v6 ? IPv6Header.size : IPv4Header.size }

  /// Writes the IP header of a packet that has its length already.
  func emitHeader(into packet: inout [UInt8]) {
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

  /// Writes the transport header's length and checksum.
  func finish(_ packet: inout [UInt8]) {
    let length = packet.count - headerSize
    if transportProtocol == .udp { packet.set(UInt16(length), at: headerSize + Self.udpLength) }
    packet.set(0, at: headerSize + checksumOffset)
    var sum = transportProtocol == .icmp ? Checksum() : pseudoHeader(length: length)
    sum.add(contentsOf: packet[headerSize...])
    // UDP sends a sum of zero as all ones: zero says that there is none (RFC 768).
    let value = transportProtocol == .udp && sum.value == 0 ? 0xFFFF : sum.value
    packet.set(value, at: headerSize + checksumOffset)
  }

  /// Where a UDP header has its length (RFC 768).
  private static let udpLength = 4

  private var checksumOffset: Int {
    switch question {
    case .connection: 16
    case .datagram: 6
    case .echo: 2
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
