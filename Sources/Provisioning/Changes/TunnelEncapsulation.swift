// SPDX-License-Identifier: MIT
public import Netlink
import Wire

/// The UDP header that a tunnel device can put between the outer header and its own.
public enum TunnelEncapsulation: String, Hashable, Sendable, Codable, CaseIterable {
  /// Foo over UDP: nothing but UDP.
  case fou
  /// Generic UDP Encapsulation: UDP and a header of 4 bytes that says what follows (draft-ietf-intarea-gue, variant 0).
  case gue

  /// The bytes that it adds.
  var overhead: UInt32 { self == .fou ? 8 : 12 }

  /// As the kernel has it: the source port differs from flow to flow.
  func udp(outer: IPVersion, port: UInt16) -> UDPEncapsulation {
    // As ip(8) has it: over IPv6 UDP goes without a checksum only if both ends agree (RFC 6935).
    UDPEncapsulation(
      self == .gue ? .gue : .direct, destinationPort: port, options: outer == .v6 ? .checksum6 : [])
  }

  init?(_ udp: UDPEncapsulation?) {
    switch udp?.format {
    case .direct: self = .fou
    case .gue: self = .gue
    default: return nil
    }
  }
}

extension Tunnel.Kind {
  /// How many bytes the tunnel puts before a packet, the outer header included.
  func overhead(hasKey: Bool = false, _ encapsulation: TunnelEncapsulation? = nil) -> UInt32 {
    let header: UInt32 = outer == .v4 ? 20 : 40
    let gre: UInt32 = isGRE ? hasKey ? 8 : 4 : 0
    return header + (encapsulation?.overhead ?? 0) + gre + (carriesEthernet ? Self.ethernetHeader : 0)
  }

  private static let ethernetHeader: UInt32 = 14

  /// Whether there are frames in it, not packets.
  var carriesEthernet: Bool { self == .gretap || self == .ip6gretap }

  /// Whether ``Tunnel/payload`` narrows down what it carries.
  var hasModes: Bool { self == .sit || self == .ip6tnl }

  /// The kernel module that holds the driver.
  var module: String {
    switch self {
    case .ipip, .sit: rawValue
    case .gre, .gretap: "ip_gre"
    case .ip6tnl: "ip6_tunnel"
    case .ip6gre, .ip6gretap: "ip6_gre"
    }
  }

  /// The kind for the same with outer headers of the other version.
  var counterpart: Tunnel.Kind {
    switch self {
    case .ipip, .sit: .ip6tnl
    case .ip6tnl: .sit
    case .gre: .ip6gre
    case .ip6gre: .gre
    case .gretap: .ip6gretap
    case .ip6gretap: .gretap
    }
  }
}

extension Tunnel.Payload {
  /// What `ip link` calls it for a device of `kind`; nil for a kind without modes.
  func word(for kind: Tunnel.Kind) -> String? {
    switch (kind, self) {
    case (.sit, .any), (.ip6tnl, .any): "any"
    case (.sit, .ipv4): "ipip"
    case (.sit, .ipv6): "ip6ip"
    case (.ip6tnl, .ipv4): "ipip6"
    case (.ip6tnl, .ipv6): "ip6ip6"
    default: nil
    }
  }

  /// The mode of `kind` that `word` stands for.
  ///
  /// - Throws: ``ProvisioningError`` with the words that there are.
  public init(mode word: String, of kind: Tunnel.Kind) throws {
    if let mode = Self.allCases.first(where: { $0.word(for: kind) == word }) {
      self = mode
      return
    }
    let words = Self.allCases.compactMap { $0.word(for: kind) }.joined(separator: ", ")
    throw ProvisioningError(
      words.isEmpty
        ? "\(kind) has no modes: leave --mode out" : "\(word) is no mode of \(kind): use one of \(words)")
  }
}
