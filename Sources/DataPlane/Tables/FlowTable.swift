// SPDX-License-Identifier: MIT
import Wire

/// A flow that is remembered, in one word, so that CPUs read and write it whole.
///
/// From its highest bit on: 33 bits of the flow's hash; whether it must not make room for others; 13 bits of destination;
/// 17 bits of time. A word of 0 is vacant. Together with the bucket it stands in, 50 bits of the hash tell flows apart.
public struct Flow: Hashable, Sendable, BitwiseCopyable {
  public let word: UInt64

  @inline(__always)
  public init(word: UInt64) {
    self.word = word
  }

  @inline(__always)
  public init(tag: UInt64, isPinned: Bool, destination: DestinationIndex, lastSeen: Tick) {
    self.word =
      tag << 31 | (isPinned ? 1 << 30 : 0) | UInt64(destination.rawValue & 0x1FFF) << 17
      | UInt64(lastSeen.rawValue & 0x1_FFFF)
  }

  @inline(__always)
  public var isVacant: Bool { word == 0 }

  /// Bits of the hash, those of the bucket not among them.
  @inline(__always)
  public var tag: UInt64 { word >> 31 }

  /// Whether the flow lives in an unsettled slot: forgotten, it would move.
  @inline(__always)
  public var isPinned: Bool { word >> 30 & 1 != 0 }

  @inline(__always)
  public var destination: DestinationIndex {
    DestinationIndex(rawValue: UInt32(truncatingIfNeeded: word >> 17) & 0x1FFF)
  }

  /// Ticks since its last packet, up to 131,071 (39 hours): whoever is silent for longer must have been forgotten.
  @inline(__always)
  public func age(_ now: Tick) -> UInt32 {
    (now.rawValue &- UInt32(truncatingIfNeeded: word)) & 0x1_FFFF
  }

  /// When its last packet came.
  @inline(__always)
  public func lastSeen(_ now: Tick) -> Tick { Tick(rawValue: now.rawValue &- age(now)) }
}

/// Flows whose hashes lie close together: a cache line. 64 bytes.
///
/// Where all are taken, a flow that is not pinned makes room for a new one. CPUs that write at the same time write
/// different words, or one of two new flows is forgotten at once.
@safe
public struct FlowBucket {
  /// `size` words.
  let flows: UnsafeMutablePointer<Flow>

  /// The number of flows in a bucket.
  @inline(__always) public static var size: Int { 8 }

  @inline(__always)
  public init(_ flows: UnsafeMutablePointer<Flow>) {
    unsafe self.flows = flows
  }

  /// Where the flow of `tag` stands.
  @inline(always)
  func find(_ tag: UInt64) -> UnsafeMutablePointer<Flow>? {
    for place in 0..<Self.size {
      let flow = unsafe flows + place
      if unsafe flow.pointee.tag == tag && !flow.pointee.isVacant { return unsafe flow }
    }
    return nil
  }

  /// Remembers `flow`, over what was remembered of it. False where no flow may make room.
  @inline(__always)
  func insert<E: Environment>(_ flow: Flow, _ environment: E) -> Bool {
    if let place = unsafe find(flow.tag) ?? vacancy {
      unsafe place.pointee = flow
      return true
    }
    guard !flow.isPinned, let place = unsafe oldest(environment) else { return false }
    unsafe place.pointee = flow
    return true
  }

  @inline(__always)
  private var vacancy: UnsafeMutablePointer<Flow>? {
    for place in 0..<Self.size {
      let flow = unsafe flows + place
      if unsafe flow.pointee.isVacant { return unsafe flow }
    }
    return nil
  }

  /// The place of the flow that was silent longest, of those that are not pinned.
  @inline(__always)
  private func oldest<E: Environment>(_ environment: E) -> UnsafeMutablePointer<Flow>? {
    let now = environment.now
    var best: UInt64 = 0
    for place in 0..<Self.size {
      // The larger one by arithmetic: of branches the verifier would follow two to the power of eight.
      let rank = unsafe flows[place].readiness(now) << 3 | UInt64(place)
      let excess = environment.settle(rank &- best)
      best = best &+ (excess & ~UInt64(bitPattern: Int64(bitPattern: excess) >> 63))
    }
    guard best >> 3 != 0 else { return nil }
    return unsafe flows + Int(truncatingIfNeeded: best & 7)
  }
}

extension Flow {
  /// How readily it makes room for another flow; 0 for not at all.
  @inline(__always)
  fileprivate func readiness(_ now: Tick) -> UInt64 {
    UInt64(age(now) &+ 1) &* (1 &- (word >> 30 & 1))
  }
}

/// Which bucket and which tag a flow's hash means.
public struct FlowPlace: Hashable, Sendable {
  public let bucket: UInt32
  public let tag: UInt64

  /// The place among `buckets`, a power of two of at most 2^17.
  ///
  /// Neighbours in a slot have the upper bits of their hashes in common; so the bucket is of the lower ones.
  @inline(__always)
  public init(hash: UInt64, buckets: Int) {
    self.bucket = UInt32(truncatingIfNeeded: hash) & UInt32(truncatingIfNeeded: buckets &- 1)
    self.tag = hash >> 17 & 0x1_FFFF_FFFF
  }
}
