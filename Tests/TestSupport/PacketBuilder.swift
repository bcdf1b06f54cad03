// SPDX-License-Identifier: MIT
public import Wire

/// Builds frames from the outside in, each header a call, lengths, protocol numbers and checksums filled in at the end:
///
///     PacketBuilder().ethernet().ipv4(from: "198.51.100.7", to: "203.0.113.80").tcp(from: 40000, to: 80).bytes
///
/// Written apart from `Wire`'s emitters, so that tests can hold the one against the other. What a parameter that is
/// `nil` unless given says is computed; where it is given it may lie.
public struct PacketBuilder: Sendable {
  private var layers: [PacketLayer] = []

  public init() {}

  /// The frame: every layer around the ones inside it.
  public var bytes: [UInt8] {
    layers.indices.reversed().reduce(into: []) { inner, index in
      inner = layers[index].bytes(
        PacketLayer.Surroundings(
          inner: inner, next: index + 1 < layers.count ? layers[index + 1] : nil,
          outer: layers[..<index].last { $0.addresses != nil }?.addresses))
    }
  }

  func adding(_ layer: PacketLayer) -> PacketBuilder {
    var builder = self
    builder.layers.append(layer)
    return builder
  }

  /// An Ethernet II header; `type` is what the frame claims to carry, IPv4 where the next layer does not say.
  public func ethernet(
    from source: MACAddress = "02:00:00:00:00:02", to destination: MACAddress = "02:00:00:00:00:01",
    type: UInt16? = nil
  ) -> PacketBuilder {
    adding(
      PacketLayer { around in
        destination.bits.octets.suffix(6) + source.bits.octets.suffix(6) + (type ?? around.nextEtherType).octets
          + around.inner
      })
  }

  /// A VLAN tag (IEEE 802.1Q): `id` of 12 bits, 0 being a mere priority tag, and `priority` from 0 to 7. `type` is what
  /// the tag claims to carry; `tag` is 0x8100 or a provider's 0x88A8.
  public func vlan(id: UInt16, priority: UInt8 = 0, type: UInt16? = nil, tag: UInt16 = 0x8100) -> PacketBuilder {
    adding(
      PacketLayer(etherType: tag) { around in
        (UInt16(priority) << 13 | id & 0xFFF).octets + (type ?? around.nextEtherType).octets + around.inner
      })
  }

  /// Bytes as they are, counted as part of the layers around them: options, a payload, nonsense.
  public func raw(_ bytes: [UInt8]) -> PacketBuilder {
    adding(PacketLayer { around in bytes + around.inner })
  }
}
