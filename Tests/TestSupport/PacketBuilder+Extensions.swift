// SPDX-License-Identifier: MIT

/// IPv6 extension headers. `length` stands in for the true second byte: eight-byte units after the first (RFC 8200, 4),
/// or, in an authentication header, four-byte units after the second (RFC 4302, 2.2).
extension PacketBuilder {
  /// Hop-by-hop options, filled up with padding to a multiple of eight bytes.
  public func hopByHop(options: [UInt8] = [], nextHeader: UInt8? = nil, length: UInt8? = nil) -> PacketBuilder {
    extensionHeader(0, padded(options), nextHeader, length)
  }

  /// Destination options, filled up with padding to a multiple of eight bytes.
  public func destinationOptions(
    options: [UInt8] = [], nextHeader: UInt8? = nil, length: UInt8? = nil
  ) -> PacketBuilder {
    extensionHeader(60, padded(options), nextHeader, length)
  }

  /// A routing header; `data` is filled up with zeros until the header is a multiple of eight bytes. Checksums inside
  /// cover the IPv6 header's destination, as if no segment was left.
  public func routing(
    type: UInt8 = 0, segmentsLeft: UInt8 = 0, data: [UInt8] = [], nextHeader: UInt8? = nil, length: UInt8? = nil
  ) -> PacketBuilder {
    extensionHeader(43, Array(([0, 0, type, segmentsLeft] + data).filled(toMultipleOf: 8)[2...]), nextHeader, length)
  }

  /// A fragment header; `offset` is in bytes, a multiple of eight. A checksum inside is that of this piece as if it was
  /// a whole: see ``fragments(of:mtu:identification:)`` for pieces of a datagram.
  public func ipv6Fragment(
    identification: UInt32, offset: Int, more: Bool, nextHeader: UInt8? = nil
  ) -> PacketBuilder {
    precondition(offset % 8 == 0, "a fragment begins at a multiple of 8 bytes, not at \(offset)")
    let place = UInt16(offset) | (more ? 1 : 0)
    return extensionHeader(44, place.octets + identification.octets, nextHeader, 0)
  }

  /// An authentication header (RFC 4302), behind IPv4 or IPv6; the checks are not computed.
  public func authentication(
    spi: UInt32 = 0x100, sequence: UInt32 = 1, check: [UInt8] = Array(repeating: 0, count: 12),
    nextHeader: UInt8? = nil, length: UInt8? = nil
  ) -> PacketBuilder {
    adding(
      PacketLayer(protocolNumber: 51) { around in
        let words = length ?? UInt8(check.count / 4 + 1)
        let content: [UInt8] = [0, 0] + spi.octets + sequence.octets + check
        return [nextHeader ?? around.nextHeader, words] + content + around.inner
      })
  }

  private func extensionHeader(
    _ number: UInt8, _ content: [UInt8], _ nextHeader: UInt8?, _ length: UInt8?
  ) -> PacketBuilder {
    adding(
      PacketLayer(protocolNumber: number) { around in
        let units = length ?? UInt8((2 + content.count) / 8 - 1)
        return [nextHeader ?? around.nextHeader, units] + content + around.inner
      })
  }

  /// Pad1 for one byte, else PadN (RFC 8200, 4.2).
  private func padded(_ options: [UInt8]) -> [UInt8] {
    let room = (8 - (2 + options.count) % 8) % 8
    guard room > 1 else { return options + Array(repeating: 0, count: room) }
    return options + [1, UInt8(room - 2)] + Array(repeating: 0, count: room - 2)
  }
}
