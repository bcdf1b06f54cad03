// SPDX-License-Identifier: MIT
public import Wire

extension PacketBuilder {
  /// A TCP header without options, and the payload.
  public func tcp(
    from source: UInt16, to destination: UInt16, sequence: UInt32 = 0, acknowledgement: UInt32 = 0,
    flags: TCPHeader.Flags = .acknowledge, window: UInt16 = 8192, payload: [UInt8] = []
  ) -> PacketBuilder {
    let header: [UInt8] =
      source.octets + destination.octets + sequence.octets + acknowledgement.octets + [0x50, flags.rawValue]
      + window.octets + [0, 0, 0, 0]
    return adding(
      PacketLayer(protocolNumber: 6) { around in
        around.checksummed(header + payload + around.inner, at: 16, protocolNumber: 6)
      })
  }

  /// A UDP header, and the payload; what follows, such as a packet in UDP, counts as payload too. A `checksum` of 0 is
  /// none.
  public func udp(
    from source: UInt16, to destination: UInt16, payload: [UInt8] = [], checksum: UInt16? = nil, length: UInt16? = nil
  ) -> PacketBuilder {
    adding(
      PacketLayer(protocolNumber: 17) { around in
        let content = payload + around.inner
        var header = source.octets + destination.octets + (length ?? UInt16(8 + content.count)).octets
        if let checksum { return header + checksum.octets + content }
        header = Array(around.checksummed(header + [0, 0] + content, at: 6, protocolNumber: 17)[..<8])
        // Zero is sent as all ones (RFC 768).
        if header[6...7] == [0, 0] { header[6...7] = [0xFF, 0xFF] }
        return header + content
      })
  }

  /// An SCTP common header (RFC 9260) with tag and CRC32c zero, and the payload.
  public func sctp(from source: UInt16, to destination: UInt16, payload: [UInt8] = []) -> PacketBuilder {
    adding(
      PacketLayer(protocolNumber: 132) { around in
        source.octets + destination.octets + Array(repeating: 0, count: 8) + payload + around.inner
      })
  }

  /// An encapsulating security payload (RFC 4303); `payload` passes for what is encrypted.
  public func esp(spi: UInt32, sequence: UInt32 = 1, payload: [UInt8] = []) -> PacketBuilder {
    adding(PacketLayer(protocolNumber: 50) { around in spi.octets + sequence.octets + payload + around.inner })
  }

  /// An ICMP message (RFC 792); `rest` is the header's second word. Quote a packet as `payload` or as layers inside.
  public func icmp(type: UInt8, code: UInt8 = 0, rest: UInt32 = 0, payload: [UInt8] = []) -> PacketBuilder {
    adding(
      PacketLayer(protocolNumber: 1) { around in
        PacketLayer.checksummed([type, code, 0, 0] + rest.octets + payload + around.inner, at: 2)
      })
  }

  /// An ICMPv6 message (RFC 4443), whose checksum covers the pseudo header; `rest` is the header's second word.
  public func icmpv6(type: UInt8, code: UInt8 = 0, rest: UInt32 = 0, payload: [UInt8] = []) -> PacketBuilder {
    adding(
      PacketLayer(protocolNumber: 58) { around in
        around.checksummed([type, code, 0, 0] + rest.octets + payload + around.inner, at: 2, protocolNumber: 58)
      })
  }
}

extension PacketLayer.Surroundings {
  /// `segment` with its checksum over the IP header's pseudo header; as it is where there is no IP header.
  func checksummed(_ segment: [UInt8], at offset: Int, protocolNumber: UInt8) -> [UInt8] {
    guard let outer else { return segment }
    let pseudoHeader = outer.pseudoHeader(protocolNumber: protocolNumber, length: segment.count)
    return PacketLayer.checksummed(segment, at: offset, pseudoHeader: pseudoHeader)
  }
}
