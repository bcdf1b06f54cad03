// SPDX-License-Identifier: MIT
import CLinux

/// The attributes of a link message.
struct LinkAttribute: AttributeScope {
  let rawValue: UInt16

  init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  private init(_ constant: Int) {
    rawValue = UInt16(constant)
  }

  /// The hardware address. The corresponding C constant is `IFLA_ADDRESS`.
  static let address = Self(IFLA_ADDRESS)
  /// The corresponding C constant is `IFLA_IFNAME`.
  static let name = Self(IFLA_IFNAME)
  /// In bytes. The corresponding C constant is `IFLA_MTU`.
  static let mtu = Self(IFLA_MTU)
  /// The link below, or the peer. The corresponding C constant is `IFLA_LINK`.
  static let underlying = Self(IFLA_LINK)
  /// The bridge that it is a port of. The corresponding C constant is `IFLA_MASTER`.
  static let master = Self(IFLA_MASTER)
  /// Kind and what the kind needs. The corresponding C constant is `IFLA_LINKINFO`.
  static let info = Self(IFLA_LINKINFO)
  /// The corresponding C constant is `IFLA_NET_NS_PID`.
  static let namespaceProcess = Self(IFLA_NET_NS_PID)
  /// The corresponding C constant is `IFLA_NET_NS_FD`.
  static let namespaceDescriptor = Self(IFLA_NET_NS_FD)
  /// Text that the administrator gave. The corresponding C constant is `IFLA_IFALIAS`.
  static let alias = Self(IFLA_IFALIAS)
  /// The corresponding C constant is `IFLA_STATS64`.
  static let statistics = Self(IFLA_STATS64)
  /// The corresponding C constant is `IFLA_GROUP`.
  static let group = Self(IFLA_GROUP)
  /// What a reply shall hold besides the usual. The corresponding C constant is `IFLA_EXT_MASK`.
  static let extensionMask = Self(IFLA_EXT_MASK)
  /// The corresponding C constant is `IFLA_XDP`.
  static let xdp = Self(IFLA_XDP)
}

/// The attributes inside ``LinkAttribute/info``.
struct LinkInfoAttribute: AttributeScope {
  let rawValue: UInt16

  /// The driver's name. The corresponding C constant is `IFLA_INFO_KIND`.
  static let kind = Self(rawValue: UInt16(IFLA_INFO_KIND))
  /// What the driver alone understands. The corresponding C constant is `IFLA_INFO_DATA`.
  static let data = Self(rawValue: UInt16(IFLA_INFO_DATA))
}

/// The attributes inside ``LinkAttribute/xdp``.
struct XDPAttribute: AttributeScope {
  let rawValue: UInt16

  /// The corresponding C constant is `IFLA_XDP_ATTACHED`.
  static let attached = Self(rawValue: UInt16(IFLA_XDP_ATTACHED))
  /// The corresponding C constant is `IFLA_XDP_PROG_ID`.
  static let program = Self(rawValue: UInt16(IFLA_XDP_PROG_ID))
  /// The corresponding C constant is `IFLA_XDP_DRV_PROG_ID`.
  static let driverProgram = Self(rawValue: UInt16(IFLA_XDP_DRV_PROG_ID))
  /// The corresponding C constant is `IFLA_XDP_SKB_PROG_ID`.
  static let genericProgram = Self(rawValue: UInt16(IFLA_XDP_SKB_PROG_ID))
  /// The corresponding C constant is `IFLA_XDP_HW_PROG_ID`.
  static let hardwareProgram = Self(rawValue: UInt16(IFLA_XDP_HW_PROG_ID))
}
