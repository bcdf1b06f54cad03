// SPDX-License-Identifier: MIT
public import Wire

// The structs of this folder are the only description of the tables' layout: the kernel's maps and the memory of the
// userspace engine hold the same bytes, in host byte order. Padding is declared and zero, for a key is compared as bytes.

/// What a service of one address and one port is found by. 24 bytes.
public struct ServiceKey: Hashable, Sendable, BitwiseCopyable {
  public let addressHigh: UInt64
  public let addressLow: UInt64
  /// 0 for a protocol without ports.
  public let port: UInt16
  public let transportProtocol: UInt8
  private let zero8: UInt8 = 0
  private let zero32: UInt32 = 0

  /// IPv4 addresses are mapped (`IPAddress.mapped`).
  @inline(__always)
  public init(address: IPv6Address, port: UInt16, transportProtocol: TransportProtocol) {
    self.addressHigh = address.high
    self.addressLow = address.low
    self.port = port
    self.transportProtocol = transportProtocol.rawValue
  }

  public var address: IPv6Address { IPv6Address(high: addressHigh, low: addressLow) }
}

/// What the data plane knows of a service. 16 bytes, two words.
public struct ServiceEntry: Hashable, Sendable, BitwiseCopyable {
  /// From its lowest bit on: index, seed.
  private let identity: UInt64
  /// From its lowest bit on: idle timeout (32 bits), tracking, affinity, bits of the client's (8 bits each), fragments
  /// (1 bit), refusal (2 bits).
  private let behaviour: UInt64

  public init(
    index: UInt32, hashSeed: UInt32, tracking: Tracking, affinity: Affinity = .flow, hashesFragments: Bool = false,
    refusal: Refusal = .nothing, idleTimeout: UInt32 = 0
  ) {
    self.identity = UInt64(hashSeed) << 32 | UInt64(index)
    let choice = UInt64(affinity.kind.rawValue) << 40 | UInt64(affinity.clientBits) << 48
    let bits: UInt64 = (hashesFragments ? 1 << 56 : 0) | UInt64(refusal.rawValue) << 57
    self.behaviour = UInt64(idleTimeout) | UInt64(tracking.rawValue) << 32 | choice | bits
  }

  /// Which slot table, transition table and row of counters are the service's; 0 is nobody's.
  @inline(__always)
  public var index: UInt32 { UInt32(truncatingIfNeeded: identity) }

  /// Decides which slot a flow falls into; the same on every director.
  @inline(__always)
  public var hashSeed: UInt32 { UInt32(truncatingIfNeeded: identity >> 32) }

  /// For how long a flow that is tracked always is remembered after its last packet, in ticks.
  @inline(__always)
  public var idleTimeout: UInt32 { UInt32(truncatingIfNeeded: behaviour) }

  @inline(__always)
  private var trackingValue: UInt8 { UInt8(truncatingIfNeeded: behaviour >> 32) }

  @inline(__always)
  private var affinityValue: UInt8 { UInt8(truncatingIfNeeded: behaviour >> 40) }

  @inline(__always)
  private var clientBits: UInt8 { UInt8(truncatingIfNeeded: behaviour >> 48) }

  @inline(__always)
  public var tracksTransitions: Bool { trackingValue == Tracking.transitions.rawValue }

  @inline(__always)
  public var tracksAlways: Bool { trackingValue == Tracking.always.rawValue }

  /// Whether the ports take part in the choice of a slot.
  @inline(__always)
  public var hashesPorts: Bool { affinityValue == Affinity.Kind.flow.rawValue }

  /// Whether the virtual address takes part in the choice of a slot.
  @inline(__always)
  public var hashesDestination: Bool { affinityValue != Affinity.Kind.source.rawValue }

  /// Whether all fragments of a packet fall into the slot of their addresses, so that none need be remembered.
  @inline(__always)
  public var hashesFragments: Bool { behaviour >> 56 & 1 != 0 || !hashesPorts }

  /// Whether a packet is refused, as by a host whose port is closed.
  @inline(__always)
  func refuses(opensConnection: Bool) -> Bool {
    behaviour >> 57
      & UInt64(opensConnection ? Refusal.all.rawValue | Refusal.connections.rawValue : Refusal.all.rawValue)
      != 0
  }

  public var refusal: Refusal { Refusal(rawValue: UInt8(truncatingIfNeeded: behaviour >> 57 & 3)) ?? .nothing }

  /// The same service with another refusal.
  public func refusing(_ refusal: Refusal) -> ServiceEntry {
    ServiceEntry(
      index: index, hashSeed: hashSeed, tracking: tracking, affinity: affinity,
      hashesFragments: behaviour >> 56 & 1 != 0, refusal: refusal, idleTimeout: idleTimeout)
  }

  /// The bits of the client's address that take part.
  @inline(always)
  func masked(_ client: IPv6Address) -> IPv6Address { client.masked(to: clientBits) }

  public var tracking: Tracking { Tracking(rawValue: trackingValue) ?? .none }

  public var affinity: Affinity {
    Affinity(kind: Affinity.Kind(rawValue: affinityValue) ?? .flow, clientBits: clientBits)
  }
}

/// What a service refuses while nobody serves it, instead of dropping it.
public enum Refusal: UInt8, Hashable, Sendable, CaseIterable {
  case nothing = 0
  /// TCP connections that begin: others may go on at servers that drain.
  case connections = 1
  /// Whatever comes.
  case all = 2
}

/// Which flows fall into the same slot.
public struct Affinity: Hashable, Sendable {
  public var kind: Kind
  /// Leading bits of the client's mapped address that count: 128 for all; 96 and the length of an IPv4 prefix.
  public var clientBits: UInt8

  public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
    /// Each flow by itself: addresses, ports and protocol.
    case flow = 0
    /// All of a client's flows to the service.
    case source = 1
    /// All flows between a client and one address of the service's.
    case sourceAndDestination = 2
  }

  public init(kind: Kind, clientBits: UInt8 = 128) {
    self.kind = kind
    self.clientBits = clientBits
  }

  public static let flow = Affinity(kind: .flow)
}

extension IPv6Address {
  /// The leading `count` bits, 0 to 128; the others zero.
  @inline(__always)
  public func masked(to count: UInt8) -> IPv6Address {
    IPv6Address(
      high: count >= 64 ? high : high & ~(UInt64.max &>> UInt64(count)),
      low: count >= 128 ? low : count <= 64 ? 0 : low & ~(UInt64.max &>> UInt64(count &- 64)))
  }
}
