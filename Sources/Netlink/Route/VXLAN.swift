// SPDX-License-Identifier: MIT
import CLinux
public import Wire

/// Ethernet over UDP (RFC 7348).
public struct VXLAN: Hashable, Sendable {
  /// The network identifier, 24 bits.
  public var identifier: UInt32
  /// The outer source address.
  public var local: IPAddress?
  /// The outer destination, or a multicast group.
  public var remote: IPAddress?
  /// The UDP port; 4789 is IANA's.
  public var port: UInt16
  /// The link that the outer packets leave through.
  public var underlying: InterfaceIndex?
  /// Whether it learns where MAC addresses live from the packets it receives.
  public var learns: Bool

  public init(
    identifier: UInt32, local: IPAddress? = nil, remote: IPAddress? = nil, port: UInt16 = 4789,
    underlying: InterfaceIndex? = nil, learns: Bool = true
  ) {
    self.identifier = identifier
    self.local = local
    self.remote = remote
    self.port = port
    self.underlying = underlying
    self.learns = learns
  }
}

extension VXLAN {
  func write(to info: inout AttributeWriter<LinkInfoAttribute>) {
    info.nest(.data, VXLANAttribute.self) { data in
      data.put(.identifier, identifier)
      if let local { data.put(local.version == .v4 ? .local4 : .local6, local) }
      if let remote { data.put(remote.version == .v4 ? .remote4 : .remote6, remote) }
      if let underlying { data.put(.underlying, underlying.rawValue) }
      data.put(.learning, UInt8(learns ? 1 : 0))
      data.put(.port, port.bigEndian)
    }
  }

  init(from reader: inout AttributeReader<LinkInfoAttribute>) {
    var vxlan = VXLAN(identifier: 0)
    reader.nested(VXLANAttribute.self) { attribute, data in
      switch attribute {
      case .identifier: vxlan.identifier = data.integer()
      case .local4, .local6: vxlan.local = data.address()
      case .remote4, .remote6: vxlan.remote = data.address()
      case .port: vxlan.port = UInt16(bigEndian: data.integer())
      case .underlying: vxlan.underlying = InterfaceIndex(message: data.integer(UInt32.self))
      case .learning: vxlan.learns = data.integer(UInt8.self) != 0
      default: break
      }
    }
    self = vxlan
  }
}

/// The attributes of a VXLAN link.
private struct VXLANAttribute: AttributeScope {
  let rawValue: UInt16

  init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  private init(_ constant: Int) {
    rawValue = UInt16(constant)
  }

  /// The corresponding C constant is `IFLA_VXLAN_ID`.
  static let identifier = Self(IFLA_VXLAN_ID)
  /// The corresponding C constant is `IFLA_VXLAN_GROUP`.
  static let remote4 = Self(IFLA_VXLAN_GROUP)
  /// The corresponding C constant is `IFLA_VXLAN_GROUP6`.
  static let remote6 = Self(IFLA_VXLAN_GROUP6)
  /// The corresponding C constant is `IFLA_VXLAN_LINK`.
  static let underlying = Self(IFLA_VXLAN_LINK)
  /// The corresponding C constant is `IFLA_VXLAN_LOCAL`.
  static let local4 = Self(IFLA_VXLAN_LOCAL)
  /// The corresponding C constant is `IFLA_VXLAN_LOCAL6`.
  static let local6 = Self(IFLA_VXLAN_LOCAL6)
  /// The corresponding C constant is `IFLA_VXLAN_LEARNING`.
  static let learning = Self(IFLA_VXLAN_LEARNING)
  /// In network order. The corresponding C constant is `IFLA_VXLAN_PORT`.
  static let port = Self(IFLA_VXLAN_PORT)
}
