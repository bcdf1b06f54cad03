// SPDX-License-Identifier: MIT

/// Headers between an outer and an inner packet. IP in IP needs none, and FOU, or GUE variant 1, is IP straight in UDP.
extension PacketBuilder {
  /// A GRE header (RFC 2784), with a key (RFC 2890) if there is one. Other `flags` do not make the fields that they
  /// announce: give those as `raw`.
  public func gre(flags: UInt16 = 0, type: UInt16? = nil, key: UInt32? = nil) -> PacketBuilder {
    adding(
      PacketLayer(protocolNumber: 47) { around in
        (key == nil ? flags : flags | 0x2000).octets + (type ?? around.nextEtherType).octets + (key?.octets ?? [])
          + around.inner
      })
  }

  /// A header of Generic UDP Encapsulation, variant 0 (draft-ietf-intarea-gue), inside UDP. `options` are filled up
  /// with zeros to a multiple of four bytes; `first` stands in for the true first byte: variant, control bit, length.
  public func gue(
    protocolNumber: UInt8? = nil, flags: UInt16 = 0, options: [UInt8] = [], first: UInt8? = nil
  ) -> PacketBuilder {
    let options = options.filled(toMultipleOf: 4)
    return adding(
      PacketLayer { around in
        [first ?? UInt8(options.count / 4), protocolNumber ?? around.nextProtocolNumber] + flags.octets + options
          + around.inner
      })
  }
}
