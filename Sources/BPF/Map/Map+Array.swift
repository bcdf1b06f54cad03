// SPDX-License-Identifier: MIT
internal import CLibbpf
internal import Glibc
internal import SystemPackage

/// Whole arrays, in a few system calls where the kernel has batches for them (Linux 5.6; per-CPU arrays 5.13).
extension Map {
  /// Elements in one batch: enough to make the system call's share small, and few enough to stay in the cache.
  private static var batchSize: Int { 4096 }

  /// Sets the elements from `start` on. Programs see some elements before others; an error leaves the first ones set.
  public func updateBatch<Value: BitwiseCopyable>(startingAt start: UInt32, values: Span<Value>) throws(BPFError) {
    precondition(spec.type == .array, "\(spec.name) is no array")
    checkValue(Value.self)
    precondition(Int(start) + values.count <= Int(spec.maxEntries), "beyond the end of map \(spec.name)")
    // The kernel expects the values without gaps between them.
    let hasGaps = MemoryLayout<Value>.stride != MemoryLayout<Value>.size
    guard !hasGaps else { return try updateSingly(startingAt: start, values: values) }
    var done = 0
    while done < values.count {
      let count = min(Self.batchSize, values.count - done)
      let part = values.extracting(done..<done + count)
      let first = start + UInt32(done)
      if try !updateOneBatch(startingAt: first, values: part) { try updateSingly(startingAt: first, values: part) }
      done += count
    }
  }

  /// - Returns: false when the kernel has no batches for this map.
  private func updateOneBatch<Value: BitwiseCopyable>(
    startingAt start: UInt32, values: Span<Value>
  ) throws(BPFError) -> Bool {
    var count = UInt32(values.count)
    let keys = [UInt32](start..<start + count)
    let result = unsafe keys.withUnsafeBufferPointer { keys in
      unsafe values.withUnsafeBufferPointer { values in
        unsafe bpf_map_update_batch(number, keys.baseAddress, values.baseAddress, &count, nil)
      }
    }
    guard !Self.lacksBatches(result) else { return false }
    try checked(result, "updating elements \(start)... of map \(spec.name)")
    return true
  }

  private func updateSingly<Value: BitwiseCopyable>(
    startingAt start: UInt32, values: Span<Value>
  ) throws(BPFError) {
    for index in values.indices {
      try update(start + UInt32(index), values[index])
    }
  }

  /// Every element, in order.
  public func readArray<Value: BitwiseCopyable>(of type: Value.Type = Value.self) throws(BPFError) -> [Value] {
    checkValue(Value.self)
    return unsafe try readElements { unsafe $0.loadUnaligned(as: Value.self) }
  }

  /// Every element's values, in order, one for each possible CPU.
  public func readArrayPerCPU<Value: BitwiseCopyable>(of type: Value.Type = Value.self) throws(BPFError) -> [[Value]] {
    checkValue(Value.self, perCPU: true)
    return unsafe try readElements { unsafe perCPUValues($0) }
  }

  private func readElements<Element>(_ decode: (UnsafeRawPointer) -> Element) throws(BPFError) -> [Element] {
    precondition(spec.type.isArray, "\(spec.name) is no array")
    let total = Int(spec.maxEntries)
    var elements: [Element] = []
    elements.reserveCapacity(total)
    let buffer = BatchBuffer(map: self, capacity: min(total, Self.batchSize))
    while elements.count < total {
      let count = try readBatch(into: buffer, startingAt: UInt32(elements.count))
      for index in 0..<count { unsafe elements.append(decode(buffer.value(at: index))) }
    }
    return elements
  }

  /// Fills the buffer's values with the elements from `start` on.
  /// - Returns: how many were read.
  private func readBatch(into buffer: borrowing BatchBuffer, startingAt start: UInt32) throws(BPFError) -> Int {
    var count = UInt32(min(buffer.capacity, Int(spec.maxEntries - start)))
    var key = start
    var after: UInt32 = 0
    // The kernel begins after the key it is given, and with none at the first element.
    key &-= 1
    let result = unsafe withUnsafeMutablePointer(to: &key) { key in
      unsafe bpf_map_lookup_batch(number, start == 0 ? nil : key, &after, buffer.keys, buffer.values, &count, nil)
    }
    if Self.lacksBatches(result) || count == 0 { return try readOne(into: buffer, at: start) }
    // ENOENT: the end was reached.
    if result != -ENOENT { try checked(result, "reading map \(spec.name)") }
    return Int(count)
  }

  private func readOne(into buffer: borrowing BatchBuffer, at index: UInt32) throws(BPFError) -> Int {
    var key = index
    try checked(unsafe bpf_map_lookup_elem(number, &key, buffer.values), "reading element \(index) of map \(spec.name)")
    return 1
  }

  /// EINVAL comes from kernels without the commands, ENOTSUPP from maps without them.
  static func lacksBatches(_ result: CInt) -> Bool {
    [EINVAL, EOPNOTSUPP, Errno.notSupportedInKernel.rawValue].contains(-result)
  }
}
