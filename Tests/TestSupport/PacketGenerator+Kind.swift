// SPDX-License-Identifier: MIT

extension PacketGenerator {
  /// What a frame is, or what is the matter with it.
  public enum Kind: CaseIterable, Sendable {
    /// A client's packet to a service.
    case valid
    /// The same, about as long as a tunnel's MTU allows, with and without permission to fragment.
    case tunnelLimit
    /// For a port that no service has, or hardly ever.
    case unconfiguredPort
    /// One bit of the service's key is wrong, the protocol is another one, or the ports are swapped.
    case nearMiss
    /// From a virtual address.
    case spoofed
    /// With IPv4 options; an IPv6 packet has destination options.
    case options
    /// One to eight IPv6 extension headers, or an authentication header behind IPv4.
    case extensions
    /// A first, middle or last piece of one of a few datagrams.
    case fragment
    /// A fragment with any place and any size.
    case strayFragment
    /// ICMP, most often an echo request to the virtual address.
    case query
    /// An ICMP error that quotes a packet from a service: eight bytes behind its IP header, more, less, or nonsense.
    case icmpError
    /// A packet in a tunnel's headers.
    case encapsulated
    /// With one VLAN tag, two, or a priority tag.
    case tagged
    /// With bytes behind the IP packet.
    case padding
    /// An extension header whose length is wrong.
    case extensionLie
    /// The first byte of the IP header is wrong: version or header length.
    case headerLie
    /// The IP header's length field is wrong.
    case lengthLie
    /// The protocol number is any.
    case otherProtocol
    /// The EtherType is another one.
    case otherNetworkProtocol
    case truncated, flippedBits, noise

    /// Whether headers contradict each other or the checksums in such frames, as a rule.
    public var isDamaged: Bool {
      switch self {
      case .extensionLie, .headerLie, .lengthLie, .otherProtocol, .otherNetworkProtocol, .truncated, .flippedBits,
        .noise:
        true
      default: false
      }
    }

    /// Each as often as it stands here.
    static let weighted: [Kind] = [
      (valid, 20), (tunnelLimit, 4), (unconfiguredPort, 6), (nearMiss, 7), (spoofed, 2), (options, 5), (extensions, 6),
      (fragment, 8), (strayFragment, 2), (query, 3), (icmpError, 8), (encapsulated, 5), (tagged, 3), (padding, 4),
      (extensionLie, 2), (headerLie, 3), (lengthLie, 4), (otherProtocol, 2), (otherNetworkProtocol, 1), (truncated, 3),
      (flippedBits, 4), (noise, 1),
    ].flatMap { Array(repeating: $0.0, count: $0.1) }
  }
}
