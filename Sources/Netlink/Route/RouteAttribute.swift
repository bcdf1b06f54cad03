// SPDX-License-Identifier: MIT
import CLinux

/// The attributes of a route message.
struct RouteAttribute: AttributeScope {
  let rawValue: UInt16

  init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  private init(_ constant: rtattr_type_t) {
    rawValue = UInt16(constant.rawValue)
  }

  /// The corresponding C constant is `RTA_DST`.
  static let destination = Self(RTA_DST)
  /// The corresponding C constant is `RTA_SRC`.
  static let source = Self(RTA_SRC)
  /// The link to leave through. The corresponding C constant is `RTA_OIF`.
  static let interface = Self(RTA_OIF)
  /// A router of the destination's IP version. The corresponding C constant is `RTA_GATEWAY`.
  static let gateway = Self(RTA_GATEWAY)
  /// A router of the other IP version. The corresponding C constant is `RTA_VIA`.
  static let via = Self(RTA_VIA)
  /// The corresponding C constant is `RTA_PRIORITY`.
  static let priority = Self(RTA_PRIORITY)
  /// The corresponding C constant is `RTA_PREFSRC`.
  static let preferredSource = Self(RTA_PREFSRC)
  /// The corresponding C constant is `RTA_METRICS`.
  static let metrics = Self(RTA_METRICS)
  /// Several next hops. The corresponding C constant is `RTA_MULTIPATH`.
  static let multipath = Self(RTA_MULTIPATH)
  /// What a lightweight tunnel does to packets. The corresponding C constant is `RTA_ENCAP`.
  static let encapsulation = Self(RTA_ENCAP)
  /// All 32 bits of the table's number. The corresponding C constant is `RTA_TABLE`.
  static let table = Self(RTA_TABLE)
}

/// The attributes inside ``RouteAttribute/metrics``.
struct RouteMetricAttribute: AttributeScope {
  let rawValue: UInt16

  /// The corresponding C constant is `RTAX_MTU`.
  static let mtu = Self(rawValue: UInt16(RTAX_MTU))
  /// The corresponding C constant is `RTAX_ADVMSS`.
  static let advertisedMSS = Self(rawValue: UInt16(RTAX_ADVMSS))
}
