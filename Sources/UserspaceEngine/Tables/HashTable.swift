// SPDX-License-Identifier: MIT

/// A key of fixed size whose hash is the same in every process: the memory outlives the process.
protocol TableKey: Hashable, BitwiseCopyable {
  var tableHash: UInt64 { get }
}

/// A hash table with linear probing in memory that somebody else owns.
///
/// Never more than half full, so that a probe is short; a removal closes the gap it leaves, so that no probe is longer for
/// what was once there. Zeroed memory is an empty table. Lookup, insertion and removal are O(1).
@safe
struct HashTable<Key: TableKey, Value: BitwiseCopyable> {
  private struct Bucket {
    var key: Key
    var value: Value
    var isOccupied: UInt32
  }

  private let buckets: UnsafeMutablePointer<Bucket>
  private let count: UnsafeMutablePointer<UInt64>
  private let mask: Int
  /// How many entries may stand in it.
  let capacity: Int

  /// Bytes that a table of `capacity` entries needs.
  static func byteCount(capacity: Int) -> Int {
    16 + bucketCount(capacity: capacity) * MemoryLayout<Bucket>.stride
  }

  private static func bucketCount(capacity: Int) -> Int {
    var count = 2
    while count < capacity * 2 { count *= 2 }
    return count
  }

  /// A view of the table at `memory`, which is aligned to 16 bytes and long enough.
  @unsafe
  init(at memory: UnsafeMutableRawPointer, capacity: Int) {
    unsafe count = memory.assumingMemoryBound(to: UInt64.self)
    unsafe buckets = (memory + 16).assumingMemoryBound(to: Bucket.self)
    self.capacity = capacity
    mask = Self.bucketCount(capacity: capacity) - 1
  }

  /// The number of entries.
  var entryCount: Int { Int(truncatingIfNeeded: unsafe count.pointee) }

  @inline(__always)
  private func home(of key: Key) -> Int { Int(truncatingIfNeeded: key.tableHash) & mask }

  /// The bucket of `key`, or the free one where it would go.
  @inline(__always)
  private func find(_ key: Key) -> UnsafeMutablePointer<Bucket> {
    var position = home(of: key)
    while true {
      let bucket = unsafe buckets + position
      if unsafe bucket.pointee.isOccupied == 0 || bucket.pointee.key == key { return unsafe bucket }
      position = (position &+ 1) & mask
    }
  }

  /// The value of `key`, in place.
  @inline(__always)
  func pointer(to key: Key) -> UnsafeMutablePointer<Value>? {
    let bucket = unsafe find(key)
    guard unsafe bucket.pointee.isOccupied != 0 else { return nil }
    return unsafe UnsafeMutableRawPointer(bucket).advanced(by: MemoryLayout<Bucket>.offset(of: \.value) ?? 0)
      .assumingMemoryBound(to: Value.self)
  }

  /// Writes the value of `key`. False, and nothing changed, where the key is new and the table full.
  @inline(__always)
  func insert(_ value: Value, for key: Key) -> Bool {
    let bucket = unsafe find(key)
    if unsafe bucket.pointee.isOccupied == 0 {
      guard entryCount < capacity else { return false }
      unsafe count.pointee &+= 1
    }
    unsafe bucket.pointee = Bucket(key: key, value: value, isOccupied: 1)
    return true
  }

  /// Removes `key`, if it is there.
  func remove(_ key: Key) {
    let bucket = unsafe find(key)
    guard unsafe bucket.pointee.isOccupied != 0 else { return }
    unsafe count.pointee &-= 1
    close(gapAt: unsafe bucket - buckets)
  }

  /// Moves entries back over a gap until none of them would be missed by its probe.
  private func close(gapAt position: Int) {
    var gap = position
    var next = (gap &+ 1) & mask
    while unsafe buckets[next].isOccupied != 0 {
      let distance = (next &- home(of: unsafe buckets[next].key)) & mask
      if distance >= (next &- gap) & mask {
        unsafe buckets[gap] = unsafe buckets[next]
        gap = next
      }
      next = (next &+ 1) & mask
    }
    unsafe buckets[gap].isOccupied = 0
  }

  /// Every entry, in no particular order. Goes through the whole memory, unless the table is empty.
  func entries() -> [(key: Key, value: Value)] {
    var entries: [(key: Key, value: Value)] = []
    entries.reserveCapacity(entryCount)
    var position = 0
    while entries.count < entryCount, position <= mask {
      let bucket = unsafe buckets[position]
      if bucket.isOccupied != 0 { entries.append((bucket.key, bucket.value)) }
      position += 1
    }
    return entries
  }

  /// Removes every entry that `isUnwanted`. Goes through the whole memory, unless the table is empty.
  func removeAll(where isUnwanted: (Key, Value) -> Bool) {
    var position = 0
    while entryCount > 0, position <= mask {
      let bucket = unsafe buckets[position]
      if bucket.isOccupied != 0, isUnwanted(bucket.key, bucket.value) {
        unsafe count.pointee &-= 1
        close(gapAt: position)  // May put another entry here: look again.
      } else {
        position += 1
      }
    }
  }
}
