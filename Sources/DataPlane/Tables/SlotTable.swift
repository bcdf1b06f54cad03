// SPDX-License-Identifier: MIT

/// The number of slots of every service: the prime of the Maglev paper (NSDI 2016, 3.4).
@inline(__always)
public var slotCount: Int { 65_537 }

/// One slot of a service: who owns it, and whether it is settled. 4 bytes, so that a whole table stays in cache.
public struct Slot: Hashable, Sendable, BitwiseCopyable {
  @usableFromInline let word: UInt32

  @inline(always)
  private init(word: UInt32) {
    self.word = word
  }

  /// A slot whose flows all belong to `owner`.
  public static func settled(owner: DestinationIndex) -> Slot { Slot(word: owner.rawValue) }

  /// A slot in which flows of somebody else may still live: its transition says whose.
  public static func unsettled(owner: DestinationIndex) -> Slot { Slot(word: owner.rawValue | 0x8000_0000) }

  @inline(__always)
  public var isSettled: Bool { word >> 31 == 0 }

  /// Who takes the new flows.
  @inline(__always)
  public var owner: DestinationIndex { DestinationIndex(rawValue: word & 0x7FFF_FFFF) }
}

/// What an unsettled slot remembers. 12 bytes.
///
/// The control plane makes it, the data plane keeps `lastOther` up to date.
public struct Transition: Hashable, Sendable, BitwiseCopyable {
  /// Where a flow goes that nobody remembers: to the oldest owner that still serves.
  public var previous: DestinationIndex
  /// When the slot became unsettled. What was remembered before does not count any more.
  public var since: Tick
  /// When a packet last went to anybody but the owner.
  public var lastOther: Tick

  public init(previous: DestinationIndex, since: Tick, lastOther: Tick) {
    self.previous = previous
    self.since = since
    self.lastOther = lastOther
  }
}

/// A point on the kernel's coarse monotonic clock, in units of 2^30 ns (1.07 s): a shift where a second needs a division.
public struct Tick: RawRepresentable, Hashable, Sendable, Comparable, BitwiseCopyable {
  public let rawValue: UInt32

  @inline(__always)
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// `nanoseconds` of `CLOCK_MONOTONIC_COARSE`.
  @inline(__always)
  public init(nanoseconds: UInt64) {
    self.rawValue = UInt32(truncatingIfNeeded: nanoseconds >> 30)
  }

  @inline(__always)
  public static func < (left: Tick, right: Tick) -> Bool { left.rawValue < right.rawValue }
}
