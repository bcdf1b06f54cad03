// SPDX-License-Identifier: MIT
public import Wire

extension PacketBuilder {
  /// An IPv4 header. `options` are filled up with zeros to a multiple of four bytes.
  public func ipv4(
    from source: IPv4Address, to destination: IPv4Address, trafficClass: UInt8 = 0, identification: UInt16 = 0,
    fragment: UInt16 = 0, timeToLive: UInt8 = 64, options: [UInt8] = [], protocolNumber: UInt8? = nil,
    totalLength: UInt16? = nil
  ) -> PacketBuilder {
    let options = options.filled(toMultipleOf: 4)
    let length = 20 + options.count
    return adding(
      PacketLayer(protocolNumber: 4, etherType: 0x0800, addresses: .v4(source, destination)) { around in
        var header: [UInt8] = [0x40 | UInt8(length / 4), trafficClass]
        header += (totalLength ?? UInt16(length + around.inner.count)).octets
        header += identification.octets + fragment.octets
        header += [timeToLive, protocolNumber ?? around.nextProtocolNumber, 0, 0]
        header += source.bits.octets + destination.bits.octets + options
        return PacketLayer.checksummed(header, at: 10) + around.inner
      })
  }

  /// An IPv6 header; `flowLabel` has 20 bits. Without anything inside, the next header is 59, none (RFC 8200, 4.7).
  public func ipv6(
    from source: IPv6Address, to destination: IPv6Address, trafficClass: UInt8 = 0, flowLabel: UInt32 = 0,
    hopLimit: UInt8 = 64, nextHeader: UInt8? = nil, payloadLength: UInt16? = nil
  ) -> PacketBuilder {
    adding(
      PacketLayer(protocolNumber: 41, etherType: 0x86DD, addresses: .v6(source, destination)) { around in
        (6 << 28 | UInt32(trafficClass) << 20 | flowLabel & 0xFFFFF).octets
          + (payloadLength ?? UInt16(around.inner.count)).octets
          + [nextHeader ?? around.nextHeader, hopLimit] + source.octets + destination.octets + around.inner
      })
  }
}

extension PacketLayer.Surroundings {
  /// What an IPv6 header or an extension header says to follow.
  var nextHeader: UInt8 { next?.protocolNumber ?? 59 }
}

extension [UInt8] {
  /// With zeros at the end until the count is a multiple of `size`.
  func filled(toMultipleOf size: Int) -> [UInt8] {
    self + Array(repeating: 0, count: (size - count % size) % size)
  }
}
