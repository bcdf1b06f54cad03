// SPDX-License-Identifier: MIT
public import Wire

/// A network link as the kernel has it.
public struct Link: Hashable, Sendable {
  public var index: InterfaceIndex
  public var name: String
  public var flags: LinkFlags
  /// The largest packet in bytes, without the link's own header.
  public var mtu: UInt32
  /// `nil` for links whose addresses are no Ethernet addresses, such as tunnels.
  public var macAddress: MACAddress?
  /// Text that somebody attached to the link.
  public var alias: String?
  /// What it can be removed or changed together with.
  public var group = LinkGroup.default
  /// The bridge that it is a port of.
  public var master: InterfaceIndex?
  /// The link that a tunnel sends through, or the other end of a veth pair in the same namespace.
  public var underlying: InterfaceIndex?
  /// What the link's driver says about it; `nil` for hardware and the loopback link. A veth's peer is in
  /// ``underlying``.
  public var info: LinkInfo?
  /// The XDP program attached to it.
  public var xdp: XDPAttachment?
  /// Only when asked for.
  public var statistics: LinkStatistics?

  /// The driver's name, where the kernel names one.
  public var kind: LinkKind? { info?.kind }
  /// Somebody has switched it on.
  public var isUp: Bool { flags.contains(.up) }
  /// It is up and can carry packets now.
  public var isRunning: Bool { flags.contains(.running) }
}

/// What state a link is in.
public struct LinkFlags: OptionSet, Hashable, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Switched on. The corresponding C constant is `IFF_UP`.
  public static let up = Self(rawValue: 1 << 0)
  /// The corresponding C constant is `IFF_BROADCAST`.
  public static let broadcast = Self(rawValue: 1 << 1)
  /// The corresponding C constant is `IFF_LOOPBACK`.
  public static let loopback = Self(rawValue: 1 << 3)
  /// Has one other end. The corresponding C constant is `IFF_POINTOPOINT`.
  public static let pointToPoint = Self(rawValue: 1 << 4)
  /// Operational. The corresponding C constant is `IFF_RUNNING`.
  public static let running = Self(rawValue: 1 << 6)
  /// Does not resolve neighbours. The corresponding C constant is `IFF_NOARP`.
  public static let noARP = Self(rawValue: 1 << 7)
  /// The corresponding C constant is `IFF_PROMISC`.
  public static let promiscuous = Self(rawValue: 1 << 8)
  /// The corresponding C constant is `IFF_MULTICAST`.
  public static let multicast = Self(rawValue: 1 << 12)
  /// The driver sees a carrier. The corresponding C constant is `IFF_LOWER_UP`.
  public static let lowerUp = Self(rawValue: 1 << 16)
}

/// Where an XDP program runs.
public struct XDPMode: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// In the driver, before a packet buffer exists. The corresponding C constant is `XDP_ATTACHED_DRV`.
  public static let driver = Self(rawValue: 1)
  /// After the driver, in any link. The corresponding C constant is `XDP_ATTACHED_SKB`.
  public static let generic = Self(rawValue: 2)
  /// On the card. The corresponding C constant is `XDP_ATTACHED_HW`.
  public static let hardware = Self(rawValue: 3)
  /// More than one of them. The corresponding C constant is `XDP_ATTACHED_MULTI`.
  public static let several = Self(rawValue: 4)
}

/// The XDP program on a link.
public struct XDPAttachment: Hashable, Sendable {
  public var mode: XDPMode
  /// The kernel's number for the program; with ``XDPMode/several`` that of the one that sees packets first.
  public var program: UInt32
}

/// How much went through a link since it was made. The corresponding C structure is `rtnl_link_stats64`.
public struct LinkStatistics: Hashable, Sendable {
  public var receivedPackets: UInt64
  public var sentPackets: UInt64
  public var receivedBytes: UInt64
  public var sentBytes: UInt64
  public var receiveErrors: UInt64
  public var sendErrors: UInt64
  public var receiveDrops: UInt64
  public var sendDrops: UInt64
}
