// SPDX-License-Identifier: MIT
import CLinux

/// A routing table by its number.
public struct RouteTable: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Where routes go that name no table. The corresponding C constant is `RT_TABLE_MAIN`.
  public static let main = Self(rawValue: RT_TABLE_MAIN.rawValue)
  /// The kernel's own, for local and broadcast addresses. The corresponding C constant is `RT_TABLE_LOCAL`.
  public static let local = Self(rawValue: RT_TABLE_LOCAL.rawValue)
  /// The corresponding C constant is `RT_TABLE_DEFAULT`.
  public static let `default` = Self(rawValue: RT_TABLE_DEFAULT.rawValue)

  public var description: String { String(rawValue) }

  /// Message headers have one byte for the table; larger numbers stand in an attribute.
  var fitsHeader: Bool { rawValue <= UInt8.max }
  /// The byte in the header, 0 for tables that do not fit.
  var headerValue: UInt8 { UInt8(exactly: rawValue) ?? 0 }
}

/// Who made a route or rule.
public struct RouteProtocol: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Not said. The corresponding C constant is `RTPROT_UNSPEC`.
  public static let unspecified = Self(rawValue: UInt8(RTPROT_UNSPEC))
  /// The corresponding C constant is `RTPROT_KERNEL`.
  public static let kernel = Self(rawValue: UInt8(RTPROT_KERNEL))
  /// By hand, and what `ip route add` says. The corresponding C constant is `RTPROT_BOOT`.
  public static let boot = Self(rawValue: UInt8(RTPROT_BOOT))
  /// By the administrator. The corresponding C constant is `RTPROT_STATIC`.
  public static let `static` = Self(rawValue: UInt8(RTPROT_STATIC))
  /// Culvert's own number, in the range the kernel leaves to user space and that nobody in iproute2's list uses.
  public static let culvert = Self(rawValue: 197)

  public var description: String { String(rawValue) }
}

/// How far away a destination is.
public struct RouteScope: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Anywhere. The corresponding C constant is `RT_SCOPE_UNIVERSE`.
  public static let universe = Self(rawValue: UInt8(RT_SCOPE_UNIVERSE.rawValue))
  /// On the link. The corresponding C constant is `RT_SCOPE_LINK`.
  public static let link = Self(rawValue: UInt8(RT_SCOPE_LINK.rawValue))
  /// On this machine. The corresponding C constant is `RT_SCOPE_HOST`.
  public static let host = Self(rawValue: UInt8(RT_SCOPE_HOST.rawValue))
}

/// What becomes of packets that take a route.
public struct RouteType: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// They are sent on. The corresponding C constant is `RTN_UNICAST`.
  public static let unicast = Self(rawValue: UInt8(RTN_UNICAST))
  /// They are ours. The corresponding C constant is `RTN_LOCAL`.
  public static let local = Self(rawValue: UInt8(RTN_LOCAL))
  /// The corresponding C constant is `RTN_BROADCAST`.
  public static let broadcast = Self(rawValue: UInt8(RTN_BROADCAST))
  /// The corresponding C constant is `RTN_MULTICAST`.
  public static let multicast = Self(rawValue: UInt8(RTN_MULTICAST))
  /// They are lost in silence. The corresponding C constant is `RTN_BLACKHOLE`.
  public static let blackhole = Self(rawValue: UInt8(RTN_BLACKHOLE))
  /// The sender is told. The corresponding C constant is `RTN_UNREACHABLE`.
  public static let unreachable = Self(rawValue: UInt8(RTN_UNREACHABLE))
  /// The sender is told that it is forbidden. The corresponding C constant is `RTN_PROHIBIT`.
  public static let prohibit = Self(rawValue: UInt8(RTN_PROHIBIT))
  /// The table does not know them: the next rule is tried. The corresponding C constant is `RTN_THROW`.
  public static let `throw` = Self(rawValue: UInt8(RTN_THROW))
}
