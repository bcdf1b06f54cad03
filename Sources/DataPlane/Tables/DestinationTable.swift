// SPDX-License-Identifier: MIT
public import Wire

/// Which row of the destination table; 0 stands for nobody.
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
  private let nextHopBits: UInt64
  private let egressBits: UInt64
  /// Through which interface packets leave.
  public let interface: UInt32
  /// The service it belongs to.
  public let serviceIndex: UInt32
  /// The largest IP packet, outer header included, that the way there carries.
  public let mtu: UInt16
  private let encapsulationValue: UInt8
  private let stateValue: UInt8
  private let zero32: UInt32 = 0

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
    public var source: IPAddress
    /// The link-layer address of the next hop.
    public var nextHop: MACAddress
    /// The link-layer address of the interface.
    public var egress: MACAddress
    public var interface: UInt32
    public var mtu: UInt16

    public init(source: IPAddress, nextHop: MACAddress, egress: MACAddress, interface: UInt32, mtu: UInt16) {
      self.source = source
      self.nextHop = nextHop
      self.egress = egress
      self.interface = interface
      self.mtu = mtu
    }
  }

  /// A destination that serves; `unreachable` without a `path`.
  public init(serviceIndex: UInt32, address: IPAddress, encapsulation: Encapsulation, path: Path?) {
    self.init(
      serviceIndex: serviceIndex, address: address, encapsulation: encapsulation, path: path,
      state: path == nil ? .unreachable : .reachable)
  }

  /// A destination that does not serve.
  public init(down serviceIndex: UInt32, address: IPAddress, encapsulation: Encapsulation) {
    self.init(serviceIndex: serviceIndex, address: address, encapsulation: encapsulation, path: nil, state: .down)
  }

  private init(serviceIndex: UInt32, address: IPAddress, encapsulation: Encapsulation, path: Path?, state: State) {
    let source = path?.source.mapped ?? IPv6Address(high: 0, low: 0)
    self.outerDestinationHigh = address.mapped.high
    self.outerDestinationLow = address.mapped.low
    self.outerSourceHigh = source.high
    self.outerSourceLow = source.low
    self.nextHopBits = path?.nextHop.bits ?? 0
    self.egressBits = path?.egress.bits ?? 0
    self.interface = path?.interface ?? 0
    self.serviceIndex = serviceIndex
    self.mtu = path?.mtu ?? 0
    self.encapsulationValue = encapsulation.rawValue
    self.stateValue = state.rawValue
  }

  @inline(__always)
  public var outerDestination: IPv6Address { IPv6Address(high: outerDestinationHigh, low: outerDestinationLow) }

  @inline(__always)
  public var outerSource: IPv6Address { IPv6Address(high: outerSourceHigh, low: outerSourceLow) }

  @inline(__always)
  public var nextHop: MACAddress { MACAddress(bits: nextHopBits) }

  @inline(__always)
  public var egress: MACAddress { MACAddress(bits: egressBits) }

  @inline(__always)
  public var serves: Bool { stateValue != State.down.rawValue }

  @inline(__always)
  public var isReachable: Bool { stateValue == State.reachable.rawValue }

  @inline(__always)
  public var usesGRE: Bool { encapsulationValue == Encapsulation.gre.rawValue }

  /// The way there; nil where there is none.
  public var path: Path? {
    guard isReachable else { return nil }
    return Path(
      source: IPAddress(mapped: outerSource), nextHop: nextHop, egress: egress, interface: interface, mtu: mtu)
  }

  public var state: State { State(rawValue: stateValue) ?? .down }
  public var encapsulation: Encapsulation { Encapsulation(rawValue: encapsulationValue) ?? .ipip }
}
