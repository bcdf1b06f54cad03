// SPDX-License-Identifier: MIT
public import Wire

// The structs of this folder are the only description of the tables' layout: the kernel's maps and the memory of the
// userspace engine hold the same bytes, in host byte order. Padding is declared and zero, for a key is compared as bytes.

/// What a service is found by: exact virtual address, port and protocol. 24 bytes.
public struct ServiceKey: Hashable, Sendable, BitwiseCopyable {
  public let addressHigh: UInt64
  public let addressLow: UInt64
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

/// What the data plane knows of a service. 16 bytes.
public struct ServiceEntry: Hashable, Sendable, BitwiseCopyable {
  /// Which slot table, transition table and row of counters are the service's; 0 is nobody's.
  public let index: UInt32
  /// Decides which slot a flow falls into; the same on every director.
  public let hashSeed: UInt32
  private let trackingValue: UInt8
  private let zero8: UInt8 = 0
  private let zero16: UInt16 = 0
  private let zero32: UInt32 = 0

  public init(index: UInt32, hashSeed: UInt32, tracking: Tracking) {
    self.index = index
    self.hashSeed = hashSeed
    self.trackingValue = tracking.rawValue
  }

  @inline(__always)
  public var tracksTransitions: Bool { trackingValue == Tracking.transitions.rawValue }

  public var tracking: Tracking { Tracking(rawValue: trackingValue) ?? .none }
}
