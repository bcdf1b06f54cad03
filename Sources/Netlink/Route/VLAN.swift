// SPDX-License-Identifier: MIT
import CLinux

/// A link that puts a VLAN's tag on what it sends (IEEE 802.1Q).
public struct VLAN: Hashable, Sendable {
  /// 1 to 4094.
  public var identifier: UInt16

  public init(identifier: UInt16) {
    self.identifier = identifier
  }

  func write(to info: inout AttributeWriter<LinkInfoAttribute>) {
    info.nest(.data, VLANAttribute.self) { data in data.put(.identifier, identifier) }
  }

  init(from reader: inout AttributeReader<LinkInfoAttribute>) {
    var identifier: UInt16 = 0
    reader.nested(VLANAttribute.self) { attribute, data in
      if attribute == .identifier { identifier = data.integer() }
    }
    self.init(identifier: identifier)
  }
}

/// The attributes of a VLAN.
private struct VLANAttribute: AttributeScope, Equatable {
  let rawValue: UInt16

  init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// In host order. The corresponding C constant is `IFLA_VLAN_ID`.
  static let identifier = Self(rawValue: UInt16(IFLA_VLAN_ID))
}
