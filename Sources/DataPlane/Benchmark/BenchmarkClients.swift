// SPDX-License-Identifier: MIT
public import Wire

/// The clients that take turns in a benchmark, and how far it has come. 16 bytes, a row of the `benchmark` map.
public struct BenchmarkClients: Hashable, Sendable, BitwiseCopyable {
  /// How many flows take turns.
  public let flows: UInt32
  private let stride: UInt32
  private var next: UInt32 = 0
  /// Bytes that forwarding puts in front of a packet, to be taken off again.
  public let overhead: UInt32

  /// The order in which flows take turns.
  public enum Order: Sendable {
    /// 0, 1, 2, …: to make flows known.
    case ascending
    /// All of them once, each far from the one before: neighbours in memory come at unrelated times.
    case scattered
  }

  /// `flows` is 1 at least.
  public init(flows: UInt32, order: Order, encapsulation: Encapsulation, outer: IPVersion = .v4) {
    self.flows = flows
    self.stride = order == .ascending ? 1 % flows : Self.scatteringStride(flows)
    self.overhead = UInt32(encapsulation.overhead(outer: outer))
  }

  /// The step nearest above the golden section that visits every flow.
  private static func scatteringStride(_ flows: UInt32) -> UInt32 {
    var stride = UInt32(UInt64(flows) * 618 / 1000)
    while divisor(stride, flows) != 1 { stride += 1 }
    return stride
  }

  private static func divisor(_ one: UInt32, _ other: UInt32) -> UInt32 {
    var (one, other) = (one, other)
    while one != 0 { (one, other) = (other % one, one) }
    return other
  }

  /// The flow whose turn it is: a comparison where a remainder would need a division.
  @inline(__always)
  public mutating func take() -> UInt32 {
    let flow = next
    let following = flow &+ stride
    next = following >= flows ? following &- flows : following
    return flow
  }

  // Multiplied by an odd number every flow keeps a number of its own: its upper half is the address, its lower the port.

  @inline(always)
  private static func scatter(_ flow: UInt32) -> UInt32 { flow &* 0x9E37_79B1 }

  /// The client's address, in the range for benchmarks 198.18.0.0/15 (RFC 2544).
  @inline(__always)
  public static func address(ofFlow flow: UInt32) -> IPv4Address {
    IPv4Address(bits: 0xC612_0000 | scatter(flow) >> 15)
  }

  /// The client's port, 32768 at least.
  @inline(__always)
  public static func port(ofFlow flow: UInt32) -> UInt16 {
    0x8000 | UInt16(truncatingIfNeeded: scatter(flow) & 0x7FFF)
  }
}
