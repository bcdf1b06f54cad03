// SPDX-License-Identifier: MIT
import CLinux

/// The attributes of a tunnel. Drivers of GRE and those of IP in IP have other numbers for the same settings: see
/// ``TunnelAttributes``.
struct TunnelAttribute: AttributeScope {
  let rawValue: UInt16

  init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  fileprivate init(_ constant: Int) {
    rawValue = UInt16(constant)
  }
}

extension TunnelAttribute {
  /// `sit` and `ip6tnl` only. The corresponding C constant is `IFLA_IPTUN_PROTO`.
  static let payload = Self(IFLA_IPTUN_PROTO)

  /// GRE only, in network order. The corresponding C constant is `IFLA_GRE_IFLAGS`.
  static let inputFlags = Self(IFLA_GRE_IFLAGS)
  /// GRE only, in network order. The corresponding C constant is `IFLA_GRE_OFLAGS`.
  static let outputFlags = Self(IFLA_GRE_OFLAGS)
  /// GRE only, in network order. The corresponding C constant is `IFLA_GRE_IKEY`.
  static let inputKey = Self(IFLA_GRE_IKEY)
  /// GRE only, in network order. The corresponding C constant is `IFLA_GRE_OKEY`.
  static let outputKey = Self(IFLA_GRE_OKEY)
}

/// The numbers that one family of drivers has for what both families know.
///
/// The corresponding C constants begin with `IFLA_IPTUN_` and `IFLA_GRE_`, and end as said.
struct TunnelAttributes {
  /// `LINK`.
  let underlying: TunnelAttribute
  /// `LOCAL`.
  let local: TunnelAttribute
  /// `REMOTE`.
  let remote: TunnelAttribute
  /// `TTL`.
  let ttl: TunnelAttribute
  /// IPv4 outer. `TOS`.
  let tos: TunnelAttribute
  /// IPv4 outer. `PMTUDISC`.
  let pathMTUDiscovery: TunnelAttribute
  /// IPv6 outer. `ENCAP_LIMIT`.
  let encapsulationLimit: TunnelAttribute
  /// IPv6 outer: traffic class and flow label, in network order. `FLOWINFO`.
  let flowInformation: TunnelAttribute
  /// IPv6 outer: ``IPv6TunnelFlags``. `FLAGS`.
  let flags: TunnelAttribute
  /// `ENCAP_TYPE`.
  let udpFormat: TunnelAttribute
  /// `ENCAP_FLAGS`.
  let udpOptions: TunnelAttribute
  /// In network order. `ENCAP_SPORT`.
  let udpSourcePort: TunnelAttribute
  /// In network order. `ENCAP_DPORT`.
  let udpDestinationPort: TunnelAttribute

  /// Those of `ipip`, `sit` and `ip6tnl`.
  static let ip = Self(
    underlying: .init(IFLA_IPTUN_LINK), local: .init(IFLA_IPTUN_LOCAL), remote: .init(IFLA_IPTUN_REMOTE),
    ttl: .init(IFLA_IPTUN_TTL), tos: .init(IFLA_IPTUN_TOS), pathMTUDiscovery: .init(IFLA_IPTUN_PMTUDISC),
    encapsulationLimit: .init(IFLA_IPTUN_ENCAP_LIMIT), flowInformation: .init(IFLA_IPTUN_FLOWINFO),
    flags: .init(IFLA_IPTUN_FLAGS), udpFormat: .init(IFLA_IPTUN_ENCAP_TYPE),
    udpOptions: .init(IFLA_IPTUN_ENCAP_FLAGS), udpSourcePort: .init(IFLA_IPTUN_ENCAP_SPORT),
    udpDestinationPort: .init(IFLA_IPTUN_ENCAP_DPORT))

  /// Those of `gre`, `gretap`, `ip6gre` and `ip6gretap`.
  static let gre = Self(
    underlying: .init(IFLA_GRE_LINK), local: .init(IFLA_GRE_LOCAL), remote: .init(IFLA_GRE_REMOTE),
    ttl: .init(IFLA_GRE_TTL), tos: .init(IFLA_GRE_TOS), pathMTUDiscovery: .init(IFLA_GRE_PMTUDISC),
    encapsulationLimit: .init(IFLA_GRE_ENCAP_LIMIT), flowInformation: .init(IFLA_GRE_FLOWINFO),
    flags: .init(IFLA_GRE_FLAGS), udpFormat: .init(IFLA_GRE_ENCAP_TYPE), udpOptions: .init(IFLA_GRE_ENCAP_FLAGS),
    udpSourcePort: .init(IFLA_GRE_ENCAP_SPORT), udpDestinationPort: .init(IFLA_GRE_ENCAP_DPORT))
}

/// What a tunnel with an outer IPv6 header does by itself.
struct IPv6TunnelFlags: OptionSet {
  let rawValue: UInt32

  /// Adds no limit of encapsulation. The corresponding C constant is `IP6_TNL_F_IGN_ENCAP_LIMIT`.
  static let noEncapsulationLimit = Self(rawValue: UInt32(IP6_TNL_F_IGN_ENCAP_LIMIT))
  /// Copies the inner flow label. The corresponding C constant is `IP6_TNL_F_USE_ORIG_FLOWLABEL`.
  static let copiesFlowLabel = Self(rawValue: UInt32(IP6_TNL_F_USE_ORIG_FLOWLABEL))
  /// Copies the inner traffic class. The corresponding C constant is `IP6_TNL_F_USE_ORIG_TCLASS`.
  static let copiesTrafficClass = Self(rawValue: UInt32(IP6_TNL_F_USE_ORIG_TCLASS))
}
