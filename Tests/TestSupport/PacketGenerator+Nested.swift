// SPDX-License-Identifier: MIT
import Wire

/// ICMP, and packets in packets.
extension PacketGenerator {
  /// An echo request to the virtual address, or another message of those that nodes send each other.
  mutating func query(to service: Service) -> PacketFields {
    var packet = request(to: service)
    let others: [UInt16] = packet.version == .v4 ? [0, 5, 10, 13] : [129, 130, 133, 134, 135, 136, 137, 143]
    let echo: UInt16 = packet.version == .v4 ? 8 : 128
    makeMessage(&packet, random.below(4) > 0 ? echo : others[random.below(others.count)], code: 0)
    packet.word = UInt32(truncatingIfNeeded: random.next())
    return packet
  }

  private func makeMessage(_ packet: inout PacketFields, _ type: UInt16, code: UInt16) {
    packet.protocolNumber = packet.version == .v4 ? 1 : 58
    packet.transport = .icmp
    packet.message = type << 8 | code
    packet.isChecksummed = true
  }

  /// Tells the virtual address what became of a packet that a service sent to a client.
  mutating func icmpError(about service: Service) -> FrameFields {
    let dice = random.next()
    var packet = request(to: service)
    var error = plainPacket(to: service, client: dice >> 32, port: 0)
    swap(&packet.source, &packet.destination)
    swap(&packet.sourcePort, &packet.destinationPort)
    let types: [UInt16] = packet.version == .v4 ? [3, 3, 11, 12] : [1, 2, 3, 4]
    makeMessage(&error, types[Int(dice & 3)], code: UInt16(dice >> 2 & 7))
    error.word = dice & 0x100 == 0 ? 1280 + UInt32(dice >> 16 & 0xFF) : 0
    if dice & 0x600 == 0, packet.version == .v6 {
      packet.extensions = extendedPacket(to: service, lies: false).extensions
    }
    if dice & 0x1800 == 0 { confuse(&packet, dice >> 40) }
    return FrameFields(envelope: error, carried: carriedLength(of: packet), packet: packet)
  }

  /// Eight bytes behind the headers of IP, as the oldest rule has it (RFC 792), more, or less.
  private mutating func carriedLength(of packet: PacketFields) -> Int {
    switch random.below(4) {
    case 0: packet.networkLength + 8
    case 1: packet.networkLength + 8 + random.below(64)
    // As much as fits into 576 and 1280 bytes (RFC 1812, 4.3.2.3; RFC 4443, 2.4).
    case 2: packet.version == .v4 ? 548 : 1232
    default: random.below(packet.networkLength + 8)
    }
  }

  /// Makes nonsense of a packet that is quoted.
  private func confuse(_ packet: inout PacketFields, _ dice: UInt64) {
    switch dice & 3 {
    case 0: packet.firstByte = UInt8(truncatingIfNeeded: dice >> 8)
    case 1: packet.fragment = UInt16(truncatingIfNeeded: dice >> 8)
    case 2: packet.protocolNumber = UInt8(truncatingIfNeeded: dice >> 8)
    default: swap(&packet.source, &packet.destination)
    }
  }

  /// A client's packet in a tunnel, between other machines or straight to the virtual address.
  mutating func encapsulatedPacket(to service: Service) -> FrameFields {
    let dice = random.next()
    let packet = request(to: service)
    var outer = Self.tunnels[Int(dice & 1)]
    if dice & 6 == 0, outer.version == packet.version { outer.destination = packet.destination }
    outer.fragment = dice & 8 == 0 ? 0x4000 : 0
    outer.isChecksummed = dice & 0x10 == 0
    outer.sourcePort = 0xC000 | UInt16(dice >> 16 & 0x3FFF)
    outer.flowLabel = UInt32(dice >> 32 & 0xFFFFF)
    outer.word = UInt32(truncatingIfNeeded: dice >> 32)
    enter(&outer, packet, tunnel: Int(dice >> 8 & 0xFF) % 5)
    return FrameFields(envelope: outer, packet: packet)
  }

  /// From a director to a real server; text is not read anew for every frame.
  private static let tunnels: [PacketFields] = [
    tunnelPacket(.v4, from: IPv6Address(mapping: "192.0.2.10"), to: IPv6Address(mapping: "10.1.0.11")),
    tunnelPacket(.v6, from: "2001:db8::10", to: "2001:db8:1::11"),
  ]

  private static func tunnelPacket(
    _ version: IPVersion, from source: IPv6Address, to destination: IPv6Address
  ) -> PacketFields {
    PacketFields(
      version: version, source: source, destination: destination, protocolNumber: 0, transport: .none,
      destinationPort: 6080)
  }

  private func enter(_ outer: inout PacketFields, _ inner: PacketFields, tunnel: Int) {
    outer.carries = inner.ownType
    switch tunnel {
    case 0: (outer.protocolNumber, outer.transport) = (inner.ownProtocolNumber, .none)
    case 1: (outer.protocolNumber, outer.transport) = (47, .gre)
    case 2: (outer.protocolNumber, outer.transport) = (47, .greWithKey)
    case 3: (outer.protocolNumber, outer.transport) = (17, .udp)
    default:
      (outer.protocolNumber, outer.transport) = (17, .gue)
      outer.carries = UInt16(inner.ownProtocolNumber)
    }
  }
}
