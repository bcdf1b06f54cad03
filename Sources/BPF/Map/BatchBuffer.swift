// SPDX-License-Identifier: MIT

/// Room for the keys and values of one batch, as the kernel lays them out.
@safe struct BatchBuffer: ~Copyable {
  // Owned, and as large as the kernel's writes by the sizes of the map that they were made for.
  let keys: UnsafeMutableRawPointer
  let values: UnsafeMutableRawPointer
  let capacity: Int
  private let keySize: Int
  private let valueSize: Int

  init(map: borrowing Map, capacity: Int) {
    keySize = Int(map.spec.keySize)
    valueSize = map.elementSize
    self.capacity = capacity
    unsafe keys = .allocate(byteCount: capacity * keySize, alignment: 8)
    unsafe values = .allocate(byteCount: capacity * valueSize, alignment: 8)
  }

  deinit {
    unsafe keys.deallocate()
    unsafe values.deallocate()
  }

  func key(at index: Int) -> UnsafeRawPointer {
    precondition(index < capacity)
    return unsafe UnsafeRawPointer(keys + index * keySize)
  }

  func value(at index: Int) -> UnsafeRawPointer {
    precondition(index < capacity)
    return unsafe UnsafeRawPointer(values + index * valueSize)
  }
}
