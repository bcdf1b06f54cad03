// SPDX-License-Identifier: MIT
import Wire

/// What clients send, well and less well meant.
extension PacketGenerator {
  /// A packet from a client to a service.
  mutating func request(to service: Service) -> PacketFields {
    let dice = random.next()
    let strange = dice & 7 == 0
    var packet = plainPacket(
      to: service, client: strange ? dice >> 32 : dice >> 40 & 0xFF,
      port: strange ? UInt16(truncatingIfNeeded: dice >> 24) : 1024 | UInt16(dice >> 48 & 0x3F))
    packet.trafficClass = dice & 0x30 == 0 ? UInt8(truncatingIfNeeded: dice >> 8) : 0
    packet.identification = UInt16(truncatingIfNeeded: dice >> 16)
    packet.flowLabel = dice & 0x80 == 0 ? UInt32(truncatingIfNeeded: dice >> 12) : 0
    packet.fragment = dice & 0x40 == 0 ? 0x4000 : 0
    packet.timeToLive = UInt8(truncatingIfNeeded: dice >> 32)
    packet.flags = tcpFlags(dice >> 56)
    // Optional only behind IPv4 (RFC 768; RFC 8200, 8.1).
    packet.isChecksummed = packet.transport != .udp || packet.version == .v6 || dice & 0xF00 != 0
    packet.payloadLength = payloadLength()
    return packet
  }

  /// An empty packet; the first 256 clients come from a network of their own, the others from everywhere.
  func plainPacket(to service: Service, client: UInt64, port: UInt16) -> PacketFields {
    let source =
      switch service.address {
      case .v4: IPv6Address(high: 0, low: 0xFFFF_0000_0000 | (client < 256 ? 0xC633_6400 | client : client))
      case .v6: IPv6Address(high: 0x2001_0DB8_6433_0000 | (client < 256 ? 0 : client & 0xFFFF), low: client)
      }
    return PacketFields(
      version: service.address.version, source: source, destination: service.address.mapped,
      protocolNumber: service.protocol.rawValue, transport: TransportShape(of: service.protocol), sourcePort: port,
      destinationPort: service.port, flags: 0x10, word: 0x100 | UInt32(port & 3))
  }

  /// SYN, ACK, SYN and ACK, FIN and ACK, or anything.
  private func tcpFlags(_ dice: UInt64) -> UInt8 {
    switch dice & 7 {
    case 0, 1: 0x02
    case 2, 3, 4: 0x10
    case 5: 0x12
    case 6: 0x11
    default: UInt8(truncatingIfNeeded: dice)
    }
  }

  /// Mostly little; sometimes about as much as a link or a tunnel carries.
  private mutating func payloadLength() -> Int {
    switch random.below(32) {
    case 0..<16: 0
    case 16..<30: random.below(64)
    case 30: 1420 + random.below(FrameCanvas.largestPayload - 1420 + 1)
    default: random.below(FrameCanvas.largestPayload + 1)
    }
  }

  /// Around what fits into a link of 1500 bytes with the overhead of one of the tunnels, or of none.
  mutating func limitedPacket(to service: Service) -> PacketFields {
    var packet = request(to: service)
    let overheads = [0, 20, 24, 28, 32, 40, 44, 48, 52]
    let length = 1500 - overheads[random.below(overheads.count)] + random.below(5) - 2
    packet.payloadLength = length - packet.headersLength
    return packet
  }

  /// TCP or UDP for any port: openings, late segments, resets, and ends with a payload.
  mutating func strayPacket(to service: Service) -> PacketFields {
    var packet = request(to: service)
    let isTCP = random.below(3) > 0
    packet.protocolNumber = isTCP ? 6 : 17
    packet.transport = isTCP ? .tcp : .udp
    packet.destinationPort = UInt16(truncatingIfNeeded: random.next())
    packet.flags = [0x02, 0x10, 0x04, 0x14, 0x19][random.below(5)]
    if packet.flags == 0x19 { packet.payloadLength = 1 + random.below(64) }
    packet.isChecksummed = true
    return packet
  }

  /// One bit of the service's key is wrong, the protocol is another one, or the ports are swapped.
  mutating func nearMiss(of service: Service) -> PacketFields {
    var packet = request(to: service)
    let dice = random.next()
    switch dice & 3 {
    case 0 where service.port != 0: packet.destinationPort ^= 1 << UInt16(dice >> 8 & 15)
    case 1 where service.port != 0: swap(&packet.sourcePort, &packet.destinationPort)
    case 2:
      packet.protocolNumber = packet.protocolNumber == 6 ? 17 : 6
      packet.transport = packet.protocolNumber == 6 ? .tcp : .udp
      packet.isChecksummed = true
    default: packet.destination = packet.destination.flipping(packet.version == .v4 ? dice >> 8 & 31 : dice >> 8 & 127)
    }
    return packet
  }

  /// From the address of a service to one of its own family, perhaps to itself.
  mutating func spoofedPacket(to service: Service) -> PacketFields {
    var packet = request(to: service)
    let other = services[random.below(services.count)]
    packet.source = other.address.version == packet.version ? other.address.mapped : packet.destination
    packet.sourcePort = other.port
    return packet
  }
}

extension IPv6Address {
  /// With the bit that has the value 2^`bit` the other way round.
  fileprivate func flipping(_ bit: UInt64) -> IPv6Address {
    IPv6Address(high: bit < 64 ? high : high ^ 1 << (bit & 63), low: bit < 64 ? low ^ 1 << bit : low)
  }
}
