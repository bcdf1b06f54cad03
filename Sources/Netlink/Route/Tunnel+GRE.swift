// SPDX-License-Identifier: MIT
import CLinux
import Wire

extension Tunnel {
  /// The bit that says a key is present, in the flags that the kernel keeps in network order: `GRE_KEY`.
  private static let keyFlag: UInt16 = 0x2000

  /// Writes the settings for the drivers `gre`, `gretap`, `ip6gre` and `ip6gretap`.
  func writeGRE(_ kind: Kind, to info: inout AttributeWriter<LinkInfoAttribute>) {
    info.nest(.data, GREAttribute.self) { data in
      if let inputKey { data.put(.inputKey, inputKey.bigEndian) }
      if let outputKey { data.put(.outputKey, outputKey.bigEndian) }
      data.put(.inputFlags, inputKey == nil ? 0 : Self.keyFlag.bigEndian)
      data.put(.outputFlags, outputKey == nil ? 0 : Self.keyFlag.bigEndian)
      if let local { data.put(.local, local) }
      if let remote { data.put(.remote, remote) }
      if kind.outer == .v4 {
        data.put(.pathMTUDiscovery, UInt8(discoversPathMTU ? 1 : 0))
        data.put(.tos, tos)
      }
      data.put(.ttl, ttl)
      if let underlying { data.put(.underlying, underlying.rawValue) }
    }
  }

  /// Reads them back. A key counts only if its flag says that it is used.
  init(greFrom reader: inout AttributeReader<LinkInfoAttribute>) {
    var tunnel = Tunnel()
    var usesInputKey = false
    var usesOutputKey = false
    reader.nested(GREAttribute.self) { attribute, data in
      switch attribute {
      case .inputFlags: usesInputKey = UInt16(bigEndian: data.integer()) & Self.keyFlag != 0
      case .outputFlags: usesOutputKey = UInt16(bigEndian: data.integer()) & Self.keyFlag != 0
      case .inputKey: tunnel.inputKey = UInt32(bigEndian: data.integer())
      case .outputKey: tunnel.outputKey = UInt32(bigEndian: data.integer())
      case .local: tunnel.local = data.address().unlessZero
      case .remote: tunnel.remote = data.address().unlessZero
      case .underlying: tunnel.underlying = InterfaceIndex(message: data.integer(UInt32.self))
      case .ttl: tunnel.ttl = data.integer()
      case .tos: tunnel.tos = data.integer()
      case .pathMTUDiscovery: tunnel.discoversPathMTU = data.integer(UInt8.self) != 0
      default: break
      }
    }
    if !usesInputKey { tunnel.inputKey = nil }
    if !usesOutputKey { tunnel.outputKey = nil }
    self = tunnel
  }
}

/// The attributes of a GRE tunnel.
private struct GREAttribute: AttributeScope {
  let rawValue: UInt16

  init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  private init(_ constant: Int) {
    rawValue = UInt16(constant)
  }

  /// The corresponding C constant is `IFLA_GRE_LINK`.
  static let underlying = Self(IFLA_GRE_LINK)
  /// In network order. The corresponding C constant is `IFLA_GRE_IFLAGS`.
  static let inputFlags = Self(IFLA_GRE_IFLAGS)
  /// In network order. The corresponding C constant is `IFLA_GRE_OFLAGS`.
  static let outputFlags = Self(IFLA_GRE_OFLAGS)
  /// In network order. The corresponding C constant is `IFLA_GRE_IKEY`.
  static let inputKey = Self(IFLA_GRE_IKEY)
  /// In network order. The corresponding C constant is `IFLA_GRE_OKEY`.
  static let outputKey = Self(IFLA_GRE_OKEY)
  /// The corresponding C constant is `IFLA_GRE_LOCAL`.
  static let local = Self(IFLA_GRE_LOCAL)
  /// The corresponding C constant is `IFLA_GRE_REMOTE`.
  static let remote = Self(IFLA_GRE_REMOTE)
  /// The corresponding C constant is `IFLA_GRE_TTL`.
  static let ttl = Self(IFLA_GRE_TTL)
  /// The corresponding C constant is `IFLA_GRE_TOS`.
  static let tos = Self(IFLA_GRE_TOS)
  /// The corresponding C constant is `IFLA_GRE_PMTUDISC`.
  static let pathMTUDiscovery = Self(IFLA_GRE_PMTUDISC)
}
