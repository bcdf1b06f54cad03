// SPDX-License-Identifier: MIT
import CLinux
import Wire

extension Tunnel {
  /// Writes the settings for the drivers `ipip`, `sit` and `ip6tnl`.
  func writeIP(_ kind: Kind, to info: inout AttributeWriter<LinkInfoAttribute>) {
    info.nest(.data, IPTunnelAttribute.self) { data in
      if let local { data.put(.local, local) }
      if let remote { data.put(.remote, remote) }
      // ip6tnl has its traffic class in the flow label, and always discovers the path's MTU.
      if kind.outer == .v4 {
        data.put(.pathMTUDiscovery, UInt8(discoversPathMTU ? 1 : 0))
        data.put(.tos, tos)
      }
      data.put(.ttl, ttl)
      if let underlying { data.put(.underlying, underlying.rawValue) }
    }
  }

  /// Reads them back.
  init(ipFrom reader: inout AttributeReader<LinkInfoAttribute>) {
    var tunnel = Tunnel()
    reader.nested(IPTunnelAttribute.self) { attribute, data in
      switch attribute {
      case .local: tunnel.local = data.address().unlessZero
      case .remote: tunnel.remote = data.address().unlessZero
      case .underlying: tunnel.underlying = InterfaceIndex(message: data.integer(UInt32.self))
      case .ttl: tunnel.ttl = data.integer()
      case .tos: tunnel.tos = data.integer()
      case .pathMTUDiscovery: tunnel.discoversPathMTU = data.integer(UInt8.self) != 0
      default: break
      }
    }
    self = tunnel
  }
}

extension IPAddress {
  /// `nil` for `0.0.0.0` and `::`, which say "any" in a tunnel's settings.
  var unlessZero: IPAddress? { bytes.allSatisfy { $0 == 0 } ? nil : self }
}

/// The attributes of an IP tunnel.
private struct IPTunnelAttribute: AttributeScope {
  let rawValue: UInt16

  init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  private init(_ constant: Int) {
    rawValue = UInt16(constant)
  }

  /// The corresponding C constant is `IFLA_IPTUN_LINK`.
  static let underlying = Self(IFLA_IPTUN_LINK)
  /// The corresponding C constant is `IFLA_IPTUN_LOCAL`.
  static let local = Self(IFLA_IPTUN_LOCAL)
  /// The corresponding C constant is `IFLA_IPTUN_REMOTE`.
  static let remote = Self(IFLA_IPTUN_REMOTE)
  /// The corresponding C constant is `IFLA_IPTUN_TTL`.
  static let ttl = Self(IFLA_IPTUN_TTL)
  /// The corresponding C constant is `IFLA_IPTUN_TOS`.
  static let tos = Self(IFLA_IPTUN_TOS)
  /// The corresponding C constant is `IFLA_IPTUN_PMTUDISC`.
  static let pathMTUDiscovery = Self(IFLA_IPTUN_PMTUDISC)
}
