// SPDX-License-Identifier: MIT
public import Netlink
public import Wire

/// How packets of IPv4 and IPv6 travel from a director to a real server, with an outer header of either version: what
/// `encapsulation` says. Which device of the kernel receives it follows from that and from what is inside.
public enum TunnelProtocol: String, Hashable, Sendable, Codable, CaseIterable {
  /// IP in IP (RFC 2003, RFC 2473, RFC 4213).
  case ipip
  /// GRE (RFC 2784), if need be with a key (RFC 2890).
  case gre
  /// Generic UDP Encapsulation, variant 0: a header of 4 bytes (draft-ietf-intarea-gue).
  case gue
  /// Foo over UDP: IP directly in UDP, the bytes of GUE variant 1.
  case fou

  /// The UDP port that GUE has from IANA.
  public static let defaultPort: UInt16 = 6080

  /// Whether a UDP header stands behind the outer one.
  public var isUDP: Bool { encapsulation != nil }

  /// The same as the kernel's devices have it.
  public var encapsulation: TunnelEncapsulation? { TunnelEncapsulation(rawValue: rawValue) }

  /// How many bytes the tunnel puts before a packet, the outer header of version `outer` included.
  public func overhead(outer: IPVersion = .v4, hasKey: Bool = false) -> UInt32 {
    device(outer: outer, carrying: .any).overhead(hasKey: hasKey, encapsulation)
  }

  /// The device of the kernel that has outer headers of version `outer` and carries `payload`.
  public func device(outer: IPVersion, carrying payload: Tunnel.Payload) -> Tunnel.Kind {
    switch (self, outer, payload) {
    case (.gre, .v4, _): .gre
    case (.gre, .v6, _): .ip6gre
    case (_, .v6, _): .ip6tnl
    case (_, .v4, .ipv4): .ipip
    case (_, .v4, _): .sit
    }
  }
}

extension TunnelProtocol {
  /// Refuses what only other protocols have; `option` is what chooses the protocol.
  func validate(key: UInt32?, port: UInt16?, option: String) throws {
    if key != nil, self != .gre {
      throw ProvisioningError("\(rawValue) has no key: leave --key out, or use \(option) gre")
    }
    if port != nil, !isUDP {
      throw ProvisioningError("\(rawValue) has no port: leave --port out, or use \(option) gue or fou")
    }
    if port == 0 { throw ProvisioningError("UDP has no port 0: give 1 to 65535, or leave --port out") }
  }
}

extension Tunnel.Payload {
  /// What carries packets of `versions`; IPv4 if there are none.
  init(_ versions: some Sequence<IPVersion>) {
    switch (versions.contains(.v4), versions.contains(.v6)) {
    case (_, false): self = .ipv4
    case (false, true): self = .ipv6
    case (true, true): self = .any
    }
  }
}
