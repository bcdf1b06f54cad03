// SPDX-License-Identifier: MIT
import Wire

/// Asks a link who has an address, without saying who asks: nobody learns anything from it that is not so.
///
/// For IPv4 an ARP probe (RFC 5227, 2.1.1), for IPv6 the solicitation of duplicate address detection (RFC 4862, 5.4.2).
struct ClaimQuestion {
  let address: IPAddress

  /// Where all listen who could have it.
  var receiver: MACAddress {
    switch address {
    case .v4: .broadcast
    case .v6(let address): MACAddress(bits: 0x3333_FF00_0000 | address.low & 0xFF_FFFF)
    }
  }

  /// What ARP or IPv6 is as an Ethernet type.
  var type: UInt16 { address.version == .v4 ? Self.arp : EtherType.ipv6.rawValue }

  private static let arp: UInt16 = 0x0806
  private static let neighbourSolicitation: UInt8 = 135
  private static let neighbourAdvertisement: UInt8 = 136

  /// The question from a host whose link-layer address is `sender`.
  func packet(from sender: MACAddress) -> [UInt8] {
    switch address {
    case .v4(let address): Self.request(address, sender)
    case .v6(let address): Self.solicitation(address)
    }
  }

  /// An ARP request (RFC 826): Ethernet, IPv4, sizes of addresses, request; sender and target.
  private static func request(_ address: IPv4Address, _ sender: MACAddress) -> [UInt8] {
    [0, 1, 8, 0, 6, 4, 0, 1] + bytes(sender.bits, 6) + bytes(0, 4) + bytes(0, 6) + bytes(UInt64(address.bits), 4)
  }

  private static func solicitation(_ address: IPv6Address) -> [UInt8] {
    let message = [neighbourSolicitation, 0, 0, 0, 0, 0, 0, 0] + bytes(address.high, 8) + bytes(address.low, 8)
    // The solicited-node multicast address (RFC 4291, 2.7.1); only a hop limit of 255 shows that no router was passed.
    let header = IPv6Header(
      trafficClass: 0, flowLabel: 0, payloadLength: UInt16(message.count), nextHeader: .icmpv6, hopLimit: 255,
      source: IPv6Address(high: 0, low: 0),
      destination: IPv6Address(high: 0xFF02 << 48, low: 0x1_FF00_0000 | address.low & 0xFF_FFFF))
    var packet = [UInt8].emitting(IPv6Header.size) { header.emit(into: $0) } + message
    var sum = Checksum()
    sum.add(header.destination)
    sum.add(UInt16(TransportProtocol.icmpv6.rawValue))
    sum.add(header.payloadLength)
    sum.add(contentsOf: message[...])
    packet.set(sum.value, at: IPv6Header.size + 2)
    return packet
  }

  private static func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
    (1...count).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * (count - $0))) }
  }

  /// Who says in `packet`, which came from `sender`, that it has the address; nil if it says something else.
  func claimant(in packet: [UInt8], from sender: MACAddress) -> MACAddress? {
    switch address {
    case .v4(let address):
      guard packet.number(at: 2) == EtherType.ipv4.rawValue, packet.number(at: 14) == address.bits else { return nil }
      return packet.number(at: 8, as: UInt64.self).map { MACAddress(bits: $0 >> 16) }
    case .v6(let address):
      guard let view = IPPacketView(packet), view.transportProtocol == .icmpv6,
        view.payload.first == Self.neighbourAdvertisement, view.payload.number(at: 8) == address.high,
        view.payload.number(at: 16) == address.low
      else { return nil }
      return sender
    }
  }
}
