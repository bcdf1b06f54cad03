// SPDX-License-Identifier: MIT
public import DataPlane
public import Wire

/// The packets that a service is for: what it is known by.
public struct ServiceMatch: Hashable, Sendable {
  /// The virtual addresses (VIPs).
  public let prefix: IPPrefix
  /// 0 alone for a protocol without ports.
  public let ports: ClosedRange<UInt16>
  public let transportProtocol: TransportProtocol

  /// All ports of a protocol.
  public static let allPorts: ClosedRange<UInt16> = 0...UInt16.max

  public init(prefix: IPPrefix, ports: ClosedRange<UInt16>, transportProtocol: TransportProtocol) {
    self.prefix = prefix.masked
    self.ports = ports
    self.transportProtocol = transportProtocol
  }

  /// One address and one port.
  public init(address: IPAddress, port: UInt16, transportProtocol: TransportProtocol) {
    self.init(prefix: IPPrefix(host: address), ports: port...port, transportProtocol: transportProtocol)
  }

  /// What the data plane knows the virtual addresses by.
  public var virtualAddress: PrefixKey { prefix.virtualAddress }

  /// What the data plane finds it by, if it has one address and one port.
  var key: ServiceKey? {
    guard virtualAddress.length == 128, ports.count == 1 else { return nil }
    return ServiceKey(
      address: prefix.address.mapped, port: ports.lowerBound, transportProtocol: transportProtocol)
  }

  /// The same on every director: flows of one client to two services fall into unrelated slots.
  var hashSeed: UInt32 {
    let range = UInt64(ports.lowerBound) << 16 | UInt64(ports.upperBound)
    let seed = range << 16 | UInt64(transportProtocol.rawValue) << 8 | UInt64(virtualAddress.length)
    return UInt32(truncatingIfNeeded: Mixer.hash(prefix.address.mapped, seed: seed))
  }

  /// Whether both take some packet, and neither is told to be the closer match by a longer prefix or a smaller range
  /// inside the other's.
  public func isAmbiguous(with other: ServiceMatch) -> Bool {
    guard prefix == other.prefix, transportProtocol == other.transportProtocol, ports.overlaps(other.ports) else {
      return false
    }
    return ports == other.ports
      || !(ports.contains(other.ports) || other.ports.contains(ports))
  }
}

extension IPPrefix {
  /// What the data plane knows the addresses by.
  public var virtualAddress: PrefixKey {
    PrefixKey(address.mapped, length: UInt8(length + 128 - address.version.addressWidth))
  }

  /// The same addresses, the host bits of `address` zero.
  public var masked: IPPrefix { IPPrefix(virtualAddress) ?? self }

  /// The addresses that a key stands for.
  public init?(_ key: PrefixKey) {
    let address = IPAddress(mapped: key.address)
    self.init(address: address, length: Int(key.length) - 128 + address.version.addressWidth)
  }
}

/// What holds for a virtual address as such.
public struct VirtualAddressPolicy: Hashable, Sendable {
  public var prefix: IPPrefix
  /// What becomes of packets that no service is configured for.
  public var unconfiguredPorts: UnconfiguredPortPolicy
  public var echo: Echo

  /// When the director answers pings.
  public enum Echo: Hashable, Sendable, CaseIterable {
    case never
    /// While some real server of some service of the address is up and reachable.
    case whileServing
    case always
  }

  public init(prefix: IPPrefix, unconfiguredPorts: UnconfiguredPortPolicy = .pass, echo: Echo = .always) {
    self.prefix = prefix
    self.unconfiguredPorts = unconfiguredPorts
    self.echo = echo
  }
}

/// What a CPU does at most in a second, or rather in a tick of 1.07 s.
public struct RateLimits: Hashable, Sendable {
  /// New flows that are remembered; more are forwarded without.
  public var flows: UInt32
  /// Answers of the director's own: ICMP and resets.
  public var replies: UInt32

  public init(flows: UInt32 = 100_000, replies: UInt32 = 1000) {
    self.flows = flows
    self.replies = replies
  }
}

/// All that is balanced, and how.
public struct BalancingConfiguration: Hashable, Sendable {
  public var services: [Service]
  /// An address that has none is treated as by `VirtualAddressPolicy.init(prefix:)`.
  public var policies: [VirtualAddressPolicy]
  public var limits: RateLimits

  public init(services: [Service], policies: [VirtualAddressPolicy] = [], limits: RateLimits = RateLimits()) {
    self.services = services
    self.policies = policies
    self.limits = limits
  }
}

/// What the data plane is to know of the host that it runs on.
public struct Host: Hashable, Sendable {
  /// Its own addresses: nobody else may send from them.
  public var addresses: Set<IPAddress>
  /// Who divides packets that are too long, if anybody does.
  public var fragmenter: Fragmenter?

  public init(addresses: Set<IPAddress> = [], fragmenter: Fragmenter? = nil) {
    self.addresses = addresses
    self.fragmenter = fragmenter
  }
}
