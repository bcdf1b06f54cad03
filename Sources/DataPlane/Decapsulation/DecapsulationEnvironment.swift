// SPDX-License-Identifier: MIT
public import Wire

/// What surrounds the decapsulator: the packet, and the addresses that it is for.
public protocol DecapsulationEnvironment {
  /// The packet as it is now: taken anew after `shrinkHead`.
  var packet: PacketBytes { get }

  /// Takes `count` bytes off the packet's head. False, and nothing changed, where the packet is shorter.
  mutating func shrinkHead(by count: Int) -> Bool

  /// The part that `address` plays in tunnels to this host, if any.
  func role(of address: IPv6Address) -> AddressRole?

  /// Counts a packet.
  mutating func count(_ verdict: DecapsulationVerdict)
}

/// The parts an address can play on a real server: what stands in the address table. 4 bytes, a set.
public struct AddressRole: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt32

  @inline(__always)
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// An address of this host that tunnels end at: the outer destination.
  @inline(__always) public static var endpoint: Self { Self(rawValue: 1) }
  /// A director: an outer source that is listened to.
  @inline(__always) public static var director: Self { Self(rawValue: 2) }
  /// A virtual address that this host serves: the inner destination.
  @inline(__always) public static var virtualAddress: Self { Self(rawValue: 4) }

  @inline(__always)
  public func has(_ role: AddressRole) -> Bool { rawValue & role.rawValue != 0 }
}

/// What an address's role is found by. 16 bytes.
public struct AddressKey: Hashable, Sendable, BitwiseCopyable {
  public let high: UInt64
  public let low: UInt64

  /// IPv4 addresses are mapped (`IPAddress.mapped`).
  @inline(__always)
  public init(_ address: IPv6Address) {
    self.high = address.high
    self.low = address.low
  }

  public var address: IPv6Address { IPv6Address(high: high, low: low) }
}
