// SPDX-License-Identifier: MIT
public import Wire

/// Number of a row of the destination table; 0 is nobody.
public struct DestinationIndex: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt32

  @inline(__always)
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  @inline(__always)
  public static var nobody: Self { Self(rawValue: 0) }
}

/// A real server as one service uses it, and the way there. 64 bytes, a cache line.
public struct Destination: Hashable, Sendable, BitwiseCopyable {
  private let outerDestinationHigh: UInt64
  private let outerDestinationLow: UInt64
  private let outerSourceHigh: UInt64
  private let outerSourceLow: UInt64
  private var nextHopLow: UInt32
  private let egressLow: UInt32
  private var nextHopHigh: UInt16
  private let egressHigh: UInt16
  /// Through which interface packets leave.
  public private(set) var interface: UInt32
  /// The GRE key, or the UDP destination port.
  private let parameter: UInt32
  private let serviceNumber: UInt16
  /// The largest IP packet, outer header included, that the way there carries.
  public let mtu: UInt16
  /// The VLAN tag that packets leave with; 0 for none.
  public private(set) var vlan: UInt16
  private let encapsulationValue: UInt8
  private let stateValue: UInt8
  /// Time to live, or hop limit, of the outer header.
  public let timeToLive: UInt8
  private let flags: Flags
  private let sourceHostBits: UInt8
  private let overheadValue: UInt8

  private struct Flags: OptionSet, Hashable, BitwiseCopyable {
    let rawValue: UInt8

    @inline(always)
    init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    @inline(__always) static var outerIPv6: Self { Self(rawValue: 1) }
    @inline(__always) static var forbidsFragmentation: Self { Self(rawValue: 2) }
    @inline(__always) static var computesUDPChecksum: Self { Self(rawValue: 4) }

    @inline(always)
    func has(_ flag: Self) -> Bool { rawValue & flag.rawValue != 0 }
  }

  /// What may be sent to a destination.
  public enum State: UInt8, Hashable, Sendable {
    /// A row that nobody uses, or a server that is down.
    case down = 0
    /// A server that serves, but whose next hop is not known.
    case unreachable = 1
    case reachable = 2
  }

  /// The way to a destination, as the kernel's routes and neighbours have it.
  public struct Path: Hashable, Sendable {
    /// The outer source: one address, or those of a range of up to 32 host bits.
    public var source: IPPrefix
    /// The link-layer address of the next hop.
    public var nextHop: MACAddress
    /// The link-layer address of the interface.
    public var egress: MACAddress
    public var interface: UInt32
    /// The VLAN tag that packets leave with; 0 for none.
    public var vlan: UInt16
    public var mtu: UInt16

    public init(
      source: IPPrefix, nextHop: MACAddress, egress: MACAddress, interface: UInt32, vlan: UInt16 = 0, mtu: UInt16
    ) {
      self.source = source
      self.nextHop = nextHop
      self.egress = egress
      self.interface = interface
      self.vlan = vlan
      self.mtu = mtu
    }
  }

  /// A destination that serves; `unreachable` without a `path`.
  public init(serviceIndex: UInt32, address: IPAddress, outer: OuterHeader, path: Path?) {
    self.init(
      serviceIndex: serviceIndex, address: address, outer: outer, path: path,
      state: path == nil ? .unreachable : .reachable)
  }

  /// A destination that does not serve.
  public init(down serviceIndex: UInt32, address: IPAddress, outer: OuterHeader) {
    self.init(serviceIndex: serviceIndex, address: address, outer: outer, path: nil, state: .down)
  }

  private init(serviceIndex: UInt32, address: IPAddress, outer: OuterHeader, path: Path?, state: State) {
    let source = path?.source.address.mapped ?? IPv6Address(high: 0, low: 0)
    self.outerDestinationHigh = address.mapped.high
    self.outerDestinationLow = address.mapped.low
    self.outerSourceHigh = source.high
    self.outerSourceLow = source.low
    self.nextHopLow = UInt32(truncatingIfNeeded: path?.nextHop.bits ?? 0)
    self.nextHopHigh = UInt16(truncatingIfNeeded: (path?.nextHop.bits ?? 0) >> 32)
    self.egressLow = UInt32(truncatingIfNeeded: path?.egress.bits ?? 0)
    self.egressHigh = UInt16(truncatingIfNeeded: (path?.egress.bits ?? 0) >> 32)
    self.interface = path?.interface ?? 0
    self.parameter = outer.encapsulation.isOverUDP ? UInt32(outer.port) : outer.key
    self.serviceNumber = UInt16(truncatingIfNeeded: serviceIndex)
    self.mtu = path?.mtu ?? 0
    self.vlan = path?.vlan ?? 0
    self.encapsulationValue = outer.encapsulation.rawValue
    self.stateValue = state.rawValue
    self.timeToLive = outer.timeToLive
    var flags: Flags = []
    if address.version == .v6 { flags.insert(.outerIPv6) }
    if outer.forbidsFragmentation { flags.insert(.forbidsFragmentation) }
    if outer.computesUDPChecksum { flags.insert(.computesUDPChecksum) }
    self.flags = flags
    self.sourceHostBits = path.map { UInt8(clamping: $0.source.address.version.addressWidth - $0.source.length) } ?? 0
    self.overheadValue = UInt8(outer.encapsulation.overhead(outer: address.version))
  }

  /// The service it belongs to.
  @inline(__always)
  public var serviceIndex: UInt32 { UInt32(serviceNumber) }

  @inline(__always)
  public var outerDestination: IPv6Address { IPv6Address(high: outerDestinationHigh, low: outerDestinationLow) }

  /// The outer source for a flow: the same for all where it is one address.
  @inline(__always)
  public func outerSource(hash: UInt64) -> IPv6Address {
    Entropy.address(in: IPv6Address(high: outerSourceHigh, low: outerSourceLow), hostBits: sourceHostBits, hash)
  }

  @inline(__always)
  public var nextHop: MACAddress { MACAddress(bits: UInt64(nextHopHigh) << 32 | UInt64(nextHopLow)) }

  @inline(__always)
  public var egress: MACAddress { MACAddress(bits: UInt64(egressHigh) << 32 | UInt64(egressLow)) }

  @inline(__always)
  public var serves: Bool { stateValue != State.down.rawValue }

  @inline(__always)
  public var isReachable: Bool { stateValue == State.reachable.rawValue }

  /// Bytes in front of the client's packet, the outer IP header included.
  @inline(__always)
  public var overhead: Int { Int(overheadValue) }

  @inline(__always)
  public func has(_ encapsulation: Encapsulation) -> Bool { encapsulationValue == encapsulation.rawValue }

  /// Whether there is an outer IP header.
  @inline(__always)
  public var isTunnel: Bool { !has(.l2) }

  @inline(__always)
  public var isOverUDP: Bool { has(.gue) || has(.fou) }

  @inline(__always)
  public var isOuterIPv6: Bool { flags.has(.outerIPv6) }

  @inline(__always)
  public var forbidsFragmentation: Bool { flags.has(.forbidsFragmentation) }

  @inline(__always)
  public var computesUDPChecksum: Bool { flags.has(.computesUDPChecksum) }

  /// Whether packets that are too long may be divided behind the outer header.
  @inline(__always)
  public var allowsFragmentation: Bool { isTunnel && !isOuterIPv6 && !forbidsFragmentation }

  /// The same destination, by way of who divides packets.
  @inline(__always)
  func through(_ fragmenter: Fragmenter) -> Destination {
    var destination = self
    destination.interface = fragmenter.interface
    destination.nextHopLow = UInt32(truncatingIfNeeded: fragmenter.address.bits)
    destination.nextHopHigh = UInt16(truncatingIfNeeded: fragmenter.address.bits >> 32)
    destination.vlan = 0
    return destination
  }

  /// The GRE key.
  @inline(__always)
  public var key: UInt32 { parameter }

  /// The UDP destination port.
  @inline(__always)
  public var port: UInt16 { UInt16(truncatingIfNeeded: parameter) }
}

extension Destination {
  /// The way there; nil where there is none.
  public var path: Path? {
    guard isReachable else { return nil }
    let address = IPAddress(mapped: IPv6Address(high: outerSourceHigh, low: outerSourceLow))
    guard let source = IPPrefix(address: address, length: address.version.addressWidth - Int(sourceHostBits)) else {
      return nil
    }
    return Path(source: source, nextHop: nextHop, egress: egress, interface: interface, vlan: vlan, mtu: mtu)
  }

  public var state: State { State(rawValue: stateValue) ?? .down }

  public var outer: OuterHeader {
    let encapsulation = Encapsulation(rawValue: encapsulationValue) ?? .ipip
    return OuterHeader(
      encapsulation, key: encapsulation == .greKey ? parameter : 0,
      port: encapsulation.isOverUDP ? port : OuterHeader.defaultPort, timeToLive: timeToLive,
      forbidsFragmentation: forbidsFragmentation, computesUDPChecksum: computesUDPChecksum)
  }

  /// The real server's address.
  public var address: IPAddress { IPAddress(mapped: outerDestination) }
}
