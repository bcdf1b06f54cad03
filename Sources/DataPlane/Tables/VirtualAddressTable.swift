// SPDX-License-Identifier: MIT
public import Wire

/// What the data plane knows of a prefix. 8 bytes.
public struct VirtualAddressEntry: Hashable, Sendable, BitwiseCopyable {
  /// By which its port tables are found; 0 for an address of the host's own.
  public let number: UInt32
  private let unconfiguredPortValue: UInt8
  private let answersEchoValue: UInt8
  private let zero16: UInt16 = 0

  public init(number: UInt32, unconfiguredPorts: UnconfiguredPortPolicy, answersEcho: Bool) {
    self.number = number
    self.unconfiguredPortValue = unconfiguredPorts.rawValue
    self.answersEchoValue = answersEcho ? 1 : 0
  }

  /// An address of the host's own: nobody else may send from it.
  public static var own: VirtualAddressEntry {
    VirtualAddressEntry(number: 0, unconfiguredPorts: .pass, answersEcho: false)
  }

  @inline(__always)
  public var isVirtual: Bool { number != 0 }

  @inline(__always)
  public var answersEcho: Bool { answersEchoValue != 0 }

  @inline(always)
  func does(_ policy: UnconfiguredPortPolicy) -> Bool { unconfiguredPortValue == policy.rawValue }

  public var unconfiguredPorts: UnconfiguredPortPolicy {
    UnconfiguredPortPolicy(rawValue: unconfiguredPortValue) ?? .pass
  }
}

/// What becomes of packets to a virtual address that no service is configured for.
public enum UnconfiguredPortPolicy: UInt8, Hashable, Sendable, CaseIterable {
  /// Left to the host's network stack.
  case pass = 0
  case drop = 1
  /// Refused from the virtual address: a TCP reset, or an ICMP "port unreachable".
  case reset = 2
}

/// What a virtual address's services of one protocol are found by. 8 bytes.
public struct PortTableKey: Hashable, Sendable, BitwiseCopyable {
  /// `VirtualAddressEntry.number`.
  public let number: UInt32
  public let transportProtocol: UInt8
  private let zero8: UInt8 = 0
  private let zero16: UInt16 = 0

  @inline(__always)
  public init(number: UInt32, transportProtocol: TransportProtocol) {
    self.number = number
    self.transportProtocol = transportProtocol.rawValue
  }
}

/// Ports of one service. 24 bytes.
public struct PortRange: Hashable, Sendable, BitwiseCopyable {
  public let first: UInt16
  public let last: UInt16
  private let zero32: UInt32 = 0
  /// Service 0 for none.
  public let service: ServiceEntry

  @inline(__always)
  public init(first: UInt16, last: UInt16, service: ServiceEntry) {
    self.first = first
    self.last = last
    self.service = service
  }

  /// No port, of nobody's.
  public static var none: PortRange {
    PortRange(first: 1, last: 0, service: ServiceEntry(index: 0, hashSeed: 0, tracking: .none))
  }

  @inline(always)
  func contains(_ port: UInt16) -> Bool { first <= port && port <= last }
}

/// A virtual address's services of one protocol that have more than one port or address, the smallest range first. 408 bytes.
public struct PortTable: Sendable, BitwiseCopyable {
  /// Whom packets without ports go to: later fragments that came first. Nobody where the services' servers differ.
  public var portless: PortRange
  public var ranges: InlineArray<16, PortRange>

  /// The most ranges of one protocol at one virtual address.
  public static var limit: Int { 16 }

  /// At most `limit` ranges.
  public init(portless: PortRange, ranges: [PortRange]) {
    self.portless = portless
    self.ranges = InlineArray { number in number < ranges.count ? ranges[number] : .none }
  }
}

extension PortTable: Hashable {
  private var rows: [PortRange] { [portless] + (0..<Self.limit).map { ranges[$0] } }

  public static func == (left: PortTable, right: PortTable) -> Bool { left.rows == right.rows }

  public func hash(into hasher: inout Hasher) { hasher.combine(rows) }
}
