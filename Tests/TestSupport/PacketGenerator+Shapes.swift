// SPDX-License-Identifier: MIT
import Wire

/// Packets in unusual form: options, extension headers, fragments, tags, lies.
extension PacketGenerator {
  mutating func packetWithOptions(to service: Service) -> PacketFields {
    var packet = request(to: service)
    if packet.version == .v4 {
      packet.optionsLength = 4 * (1 + random.below(10))
    } else {
      packet.extensions = [extensionHeader(60)]
    }
    return packet
  }

  /// With one to eight extension headers, one of which may lie about its length.
  mutating func extendedPacket(to service: Service, lies: Bool) -> PacketFields {
    var packet = request(to: service)
    if packet.version == .v4 {
      packet.extensions = [extensionHeader(51)]
    } else {
      let types: [UInt8] = [0, 60, 60, 43, 51, 135]
      for _ in 0...random.below(8) { packet.extensions.append(extensionHeader(types[random.below(types.count)])) }
    }
    let liar = random.below(packet.extensions.count)
    if lies { packet.extensions[liar].announcedLength = UInt8(truncatingIfNeeded: random.next() >> 32) }
    return packet
  }

  /// Options are one PadN; a routing header has no segments left, so that checksums cover the IPv6 destination.
  private mutating func extensionHeader(_ type: UInt8) -> ExtensionFields {
    let length = 8 * (1 + random.below(3))
    return switch type {
    case 51: ExtensionFields(type: type, length: 24, half: 0, word: 0x100)
    case 43: ExtensionFields(type: type, length: length, half: 0x0400)
    case 135: ExtensionFields(type: type, length: length, half: 0)
    default: ExtensionFields(type: type, length: length, half: 0x0100 | UInt16(length - 4))
    }
  }

  /// A piece of one of eight datagrams for each service; all pieces make the datagram.
  mutating func fragment(to service: Service) -> PacketFields {
    let number = random.below(8)
    var packet = plainPacket(to: service, client: UInt64(number & 3), port: 1024 | UInt16(number))
    packet.payloadLength = 600 + 100 * number
    let end = packet.transport.length + packet.payloadLength
    let piece = [0..<256, 256..<512, 512..<end][random.below(3)]
    packet.piece = piece
    announce(&packet, UInt16(piece.lowerBound), more: piece.upperBound < end, UInt32(number))
    return packet
  }

  /// Of any size at any place; of a datagram without sense.
  mutating func strayFragment(to service: Service) -> PacketFields {
    var packet = request(to: service)
    let dice = random.next()
    let end = packet.transport.length + packet.payloadLength
    packet.piece = 0..<random.below(end + 1)
    let offset = UInt16(truncatingIfNeeded: dice) & (dice & 0x30000 == 0 ? 0 : 0xFFF8)
    announce(&packet, offset, more: offset == 0 || dice & 0x40000 == 0, UInt32(dice >> 32 & 7))
    return packet
  }

  /// Says in the headers which piece the packet is; `offset` is in bytes.
  private func announce(_ packet: inout PacketFields, _ offset: UInt16, more: Bool, _ identification: UInt32) {
    if packet.version == .v4 {
      packet.identification = UInt16(truncatingIfNeeded: identification)
      packet.fragment = offset >> 3 | (more ? 0x2000 : 0)
    } else {
      packet.extensions = [ExtensionFields(type: 44, half: offset | (more ? 1 : 0), word: identification)]
    }
  }

  mutating func taggedPacket(to service: Service) -> FrameFields {
    let dice = random.next()
    let tag = 0x8100_0000 | UInt32(dice >> 32 & 0xEFFF)
    let tags: [UInt32] =
      switch dice & 3 {
      case 0: [tag & 0xFFFF_F000]
      case 1: [0x88A8_0000 | UInt32(dice >> 8 & 0xFFF), tag]
      default: [tag]
      }
    return FrameFields(tags: tags, packet: request(to: service))
  }

  /// One field of the IP header is wrong.
  mutating func lyingPacket(to service: Service, _ kind: Kind) -> PacketFields {
    var packet = request(to: service)
    let dice = random.next()
    switch kind {
    case .headerLie: packet.firstByte = packet.version == .v4 ? 0x40 | UInt8(dice & 0xF) : UInt8(dice & 0xFF)
    case .lengthLie: packet.lengthError = dice & 1 == 0 ? Int(dice >> 1 & 0x7F) - 64 : Int(dice >> 48)
    default: packet.protocolNumber = UInt8(truncatingIfNeeded: dice)
    }
    return packet
  }

  mutating func misannouncedPacket(to service: Service) -> FrameFields {
    var packet = request(to: service)
    let dice = random.next()
    packet.firstByte = dice & 4 == 0 ? nil : UInt8(truncatingIfNeeded: dice >> 8)
    let types = [packet.version == .v4 ? 0x86DD : 0x0800, 0x0806, 0x8100, UInt16(truncatingIfNeeded: dice >> 32)]
    return FrameFields(type: types[Int(dice & 3)], packet: packet)
  }
}
