// SPDX-License-Identifier: MIT
internal import CLibbpf
internal import Glibc
internal import SystemPackage

/// Walks through hash tables.
extension Map {
  /// Calls `body` with each element of a hash table. `body` may delete from the map. What others insert or delete
  /// meanwhile may be met or missed; what stays is met at least once.
  public func forEach<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ key: Key.Type, _ value: Value.Type, _ body: (Key, Value) throws(BPFError) -> Void
  ) throws(BPFError) {
    checkKey(Key.self)
    checkValue(Value.self)
    unsafe try walk { key, value throws(BPFError) in
      try body(unsafe key.loadUnaligned(as: Key.self), unsafe value.loadUnaligned(as: Value.self))
    }
  }

  /// Calls `body` with each element of a per-CPU hash table: its key, and one value for each possible CPU.
  public func forEachPerCPU<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ key: Key.Type, _ value: Value.Type, _ body: (Key, [Value]) throws(BPFError) -> Void
  ) throws(BPFError) {
    checkKey(Key.self)
    checkValue(Value.self, perCPU: true)
    unsafe try walk { key, values throws(BPFError) in
      try body(unsafe key.loadUnaligned(as: Key.self), unsafe perCPUValues(values))
    }
  }

  private typealias Visit = (UnsafeRawPointer, UnsafeRawPointer) throws(BPFError) -> Void

  private func walk(_ visit: Visit) throws(BPFError) {
    precondition(!spec.type.isArray && !spec.type.holdsMaps, "\(spec.name) is no hash table")
    var capacity = min(Int(spec.maxEntries), 1024)
    // A batch is made of whole buckets: the kernel says ENOSPC for a bucket that has more elements than fit.
    var position: UInt64? = nil
    while true {
      let buffer = BatchBuffer(map: self, capacity: capacity)
      switch unsafe try walkBatches(buffer, position: &position, visit) {
      case .done: return
      case .unsupported: return unsafe try walkKeys(visit)
      case .tooSmall: capacity *= 2
      }
    }
  }

  private enum Walked {
    case done, unsupported, tooSmall
  }

  /// Visits batch after batch. `position` is where the next one begins: a bucket's number, which the kernel writes
  /// as 4 bytes.
  private func walkBatches(
    _ buffer: borrowing BatchBuffer, position: inout UInt64?, _ visit: Visit
  ) throws(BPFError) -> Walked {
    while true {
      var count = UInt32(buffer.capacity)
      var start = position ?? 0
      var next: UInt64 = 0
      let isFirst = position == nil
      let result = unsafe withUnsafeMutablePointer(to: &start) { start in
        unsafe bpf_map_lookup_batch(number, isFirst ? nil : start, &next, buffer.keys, buffer.values, &count, nil)
      }
      if result == -ENOSPC { return .tooSmall }
      if Self.lacksBatches(result), isFirst { return .unsupported }
      if result != -ENOENT { try checked(result, "walking through map \(spec.name)") }
      for index in 0..<Int(count) { unsafe try visit(buffer.key(at: index), buffer.value(at: index)) }
      if result == -ENOENT { return .done }
      position = next
    }
  }

  /// Visits key after key. The next key is asked for before the current one is visited, which may delete it.
  /// - Throws: when others delete so much that the kernel begins again and again.
  private func walkKeys(_ visit: Visit) throws(BPFError) {
    let current = BatchBuffer(map: self, capacity: 1)
    let following = BatchBuffer(map: self, capacity: 1)
    var isLast = unsafe try !nextKey(after: nil, into: current.keys)
    for _ in 0..<2 * UInt64(spec.maxEntries) where !isLast {
      isLast = unsafe try !nextKey(after: current.keys, into: following.keys)
      if unsafe bpf_map_lookup_elem(number, current.keys, current.values) == 0 {
        unsafe try visit(current.key(at: 0), current.value(at: 0))
      }
      unsafe current.keys.copyMemory(from: following.keys, byteCount: Int(spec.keySize))
    }
    guard isLast else {
      throw BPFError("walking through map \(spec.name), which changes too fast", .resourceTemporarilyUnavailable)
    }
  }

  /// - Returns: false if `key` was the last one.
  private func nextKey(
    after key: UnsafeMutableRawPointer?, into next: UnsafeMutableRawPointer
  ) throws(BPFError) -> Bool {
    let result = unsafe bpf_map_get_next_key(number, key, next)
    guard result != -ENOENT else { return false }
    try checked(result, "walking through map \(spec.name)")
    return true
  }
}
