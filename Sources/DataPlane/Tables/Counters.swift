// SPDX-License-Identifier: MIT

/// What was sent to one destination. 24 bytes, one for each CPU.
public struct TrafficCounter: Hashable, Sendable, BitwiseCopyable {
  public var packets: UInt64
  /// Bytes of the clients' IP packets, without any header of ours.
  public var bytes: UInt64
  /// Flows that began: TCP segments with SYN and no ACK, and what a service that is tracked always began to remember.
  public var flows: UInt64

  public init(packets: UInt64 = 0, bytes: UInt64 = 0, flows: UInt64 = 0) {
    self.packets = packets
    self.bytes = bytes
    self.flows = flows
  }

  @inline(__always)
  public mutating func add(bytes count: UInt64, isNewFlow: Bool) {
    packets &+= 1
    bytes &+= count
    if isNewFlow { flows &+= 1 }
  }

  public static func + (left: Self, right: Self) -> Self {
    Self(packets: left.packets &+ right.packets, bytes: left.bytes &+ right.bytes, flows: left.flows &+ right.flows)
  }
}

/// The sizes of the tables.
public enum Capacity {
  /// Services, and one row for packets that belong to none.
  @inline(__always) public static var services: Int { 513 }
  /// Destinations of all services, those that drain included, and one row for nobody.
  @inline(__always) public static var destinations: Int { 8192 }
  /// Virtual addresses of all services, and the host's own.
  @inline(__always) public static var virtualAddresses: Int { 2048 }
  /// Virtual addresses and protocols with a port table.
  @inline(__always) public static var portTables: Int { 512 }
  /// Buckets of flows, eight flows each: those of unsettled slots, and of services that are tracked always.
  @inline(__always) public static var flowBuckets: Int { 131_072 }
  /// Buckets of packets that come in fragments, eight packets each.
  @inline(__always) public static var fragmentBuckets: Int { 2048 }
  /// Verdicts that a row of counters has room for.
  @inline(__always) public static var verdicts: Int { 32 }
}
