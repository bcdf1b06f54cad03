// SPDX-License-Identifier: MIT
internal import CLibbpf
internal import Glibc
internal import SystemPackage

/// When an update is allowed.
public struct UpdateMode: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt64

  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// Insert or replace. The corresponding C constant is `BPF_ANY`.
  public static let any = UpdateMode(rawValue: UInt64(BPF_ANY))
  /// Insert, and fail with `EEXIST` if the key is there. The corresponding C constant is `BPF_NOEXIST`.
  public static let insert = UpdateMode(rawValue: UInt64(BPF_NOEXIST))
  /// Replace, and fail with `ENOENT` if the key is not there. The corresponding C constant is `BPF_EXIST`.
  public static let replace = UpdateMode(rawValue: UInt64(BPF_EXIST))
}

extension Map {
  /// The value of `key`; nil if there is none.
  public func lookup<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ key: Key, as type: Value.Type = Value.self
  ) throws(BPFError) -> Value? {
    checkKey(Key.self)
    checkValue(Value.self)
    return unsafe try withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { buffer throws(BPFError) in
      guard let value = buffer.baseAddress, unsafe try find(key, into: value) else { return nil }
      return unsafe value.pointee
    }
  }

  /// The values of `key`, one for each possible CPU; nil if there are none.
  public func lookupPerCPU<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ key: Key, as type: Value.Type = Value.self
  ) throws(BPFError) -> [Value]? {
    checkKey(Key.self)
    checkValue(Value.self, perCPU: true)
    return unsafe try withUnsafeTemporaryAllocation(byteCount: elementSize, alignment: 8) { buffer throws(BPFError) in
      guard let values = buffer.baseAddress, unsafe try find(key, into: values) else { return nil }
      return unsafe perCPUValues(values)
    }
  }

  /// Sets the value of `key`.
  public func update<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ key: Key, _ value: Value, mode: UpdateMode = .any
  ) throws(BPFError) {
    checkKey(Key.self)
    checkValue(Value.self)
    let result = unsafe withUnsafeBytes(of: key) { key in
      unsafe withUnsafeBytes(of: value) { value in
        unsafe bpf_map_update_elem(number, key.baseAddress, value.baseAddress, mode.rawValue)
      }
    }
    try checkUpdate(result, "updating map \(spec.name)")
  }

  /// Sets the values of `key`, one for each possible CPU.
  public func updatePerCPU<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ key: Key, _ values: [Value], mode: UpdateMode = .any
  ) throws(BPFError) {
    checkKey(Key.self)
    checkValue(Value.self, perCPU: true)
    precondition(values.count == PossibleCPUs.count, "a value for each possible CPU")
    let result = unsafe withUnsafeTemporaryAllocation(byteCount: elementSize, alignment: 8) { buffer in
      unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
      for (cpu, value) in values.enumerated() {
        unsafe buffer.storeBytes(of: value, toByteOffset: cpu * valueStride, as: Value.self)
      }
      return unsafe withUnsafeBytes(of: key) { key in
        unsafe bpf_map_update_elem(number, key.baseAddress, buffer.baseAddress, mode.rawValue)
      }
    }
    try checkUpdate(result, "updating map \(spec.name)")
  }

  /// Puts `inner` into a map of maps. Programs see the old map or the new one, nothing between.
  public func update<Key: BitwiseCopyable>(_ key: Key, inner: borrowing Map) throws(BPFError) {
    precondition(spec.type.holdsMaps, "\(spec.name) holds no maps")
    try update(key, inner.number)
  }

  /// The map that a map of maps has for `key`; nil if there is none. Needs CAP_SYS_ADMIN, unlike putting one there.
  public func lookupInner<Key: BitwiseCopyable>(_ key: Key) throws(BPFError) -> Map? {
    precondition(spec.type.holdsMaps, "\(spec.name) holds no maps")
    guard let id = try lookup(key, as: UInt32.self) else { return nil }
    return try Map.open(id: id)
  }

  /// Removes `key`. In a map of maps, the element is empty afterwards.
  /// - Returns: whether it was there.
  @discardableResult
  public func delete<Key: BitwiseCopyable>(_ key: Key) throws(BPFError) -> Bool {
    checkKey(Key.self)
    let result = unsafe withUnsafeBytes(of: key) { unsafe bpf_map_delete_elem(number, $0.baseAddress) }
    guard result != -ENOENT else { return false }
    try checked(result, "deleting from map \(spec.name)")
    return true
  }
}

extension Map {
  /// From one CPU's value to the next one's, in bytes.
  var valueStride: Int { spec.type.isPerCPU ? (Int(spec.valueSize) + 7) & ~7 : Int(spec.valueSize) }

  /// What the kernel copies for one element, in bytes.
  var elementSize: Int { spec.type.isPerCPU ? valueStride * PossibleCPUs.count : valueStride }

  func checkKey<Key: BitwiseCopyable>(_ type: Key.Type) {
    precondition(
      MemoryLayout<Key>.size == Int(spec.keySize),
      "keys of map \(spec.name) have \(spec.keySize) bytes, not \(Key.self)")
  }

  func checkValue<Value: BitwiseCopyable>(_ type: Value.Type, perCPU: Bool = false) {
    precondition(
      MemoryLayout<Value>.size == Int(spec.valueSize) && spec.type.isPerCPU == perCPU,
      "map \(spec.name) is \(spec.type) of \(spec.valueSize) bytes, not \(Value.self)")
  }

  /// One element's values, which lie `valueStride` apart.
  func perCPUValues<Value: BitwiseCopyable>(_ values: UnsafeRawPointer) -> [Value] {
    (0..<PossibleCPUs.count).map { unsafe values.loadUnaligned(fromByteOffset: $0 * valueStride, as: Value.self) }
  }

  private func find<Key: BitwiseCopyable>(_ key: Key, into value: UnsafeMutableRawPointer) throws(BPFError) -> Bool {
    let result = unsafe withUnsafeBytes(of: key) { unsafe bpf_map_lookup_elem(number, $0.baseAddress, value) }
    guard result != -ENOENT else { return false }
    try checked(result, "looking in map \(spec.name)")
    return true
  }

  /// What the kernel means by E2BIG here is not "argument list too long".
  func checkUpdate(_ result: CInt, _ operation: @autoclosure () -> String) throws(BPFError) {
    guard result < 0 else { return }
    let hint = result == -E2BIG ? "the map holds \(spec.maxEntries) entries, and no more fit" : nil
    throw BPFError(operation(), Errno(rawValue: -result), hint: hint)
  }
}
