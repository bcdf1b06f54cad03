// SPDX-License-Identifier: MIT
import DataPlane
import Linux

/// The data plane's tables in one block of memory: in a file, so that they outlive the process and others can read them,
/// or anonymous.
///
/// The memory is mostly untouched and then costs nothing: a service's slots exist once they are written.
@safe
struct MemoryTables: ~Copyable {
  private let memory: MemoryMapping
  let pointers: TablePointers

  /// Tables over `memory`, which is `TablePointers.byteCount` long and zeroed or written by another `MemoryTables`.
  init(_ memory: consuming MemoryMapping) {
    unsafe pointers = TablePointers(at: memory.buffer.baseAddress.unsafelyUnwrapped)
    self.memory = memory
  }

  /// Tables that go with the process.
  init() throws(LinuxError) {
    self.init(try MemoryMapping(anonymous: TablePointers.byteCount))
  }
}

/// Where each table stands in the block.
@safe
struct TablePointers {
  let services: HashTable<ServiceKey, ServiceEntry>
  let flows: HashTable<FlowKey, Flow>
  private let slots: UnsafeMutablePointer<Slot>
  private let transitions: UnsafeMutablePointer<Transition>
  private let hasTransitions: UnsafeMutablePointer<UInt8>
  private let destinations: UnsafeMutablePointer<Destination>
  private let traffic: UnsafeMutablePointer<TrafficCounter>
  private let verdicts: UnsafeMutablePointer<UInt64>

  /// Bytes of the block.
  static let byteCount: Int = {
    var size = Allotment()
    _ = unsafe TablePointers(&size, base: nil)
    return size.end
  }()

  init(at base: UnsafeMutableRawPointer) {
    var size = Allotment()
    unsafe self.init(&size, base: base)
  }

  /// The one description of the block: with a base, the tables at it; without, only its length.
  private init(_ size: inout Allotment, base: UnsafeMutableRawPointer?) {
    let base = unsafe base ?? UnsafeMutableRawPointer(bitPattern: 4096).unsafelyUnwrapped
    let serviceCapacity = Capacity.services - 1
    unsafe services = HashTable(
      at: base + size.take(HashTable<ServiceKey, ServiceEntry>.byteCount(capacity: serviceCapacity)),
      capacity: serviceCapacity)
    unsafe flows = HashTable(
      at: base + size.take(HashTable<FlowKey, Flow>.byteCount(capacity: Capacity.flows)), capacity: Capacity.flows)
    unsafe slots = size.array(at: base, count: Capacity.services * slotCount)
    unsafe transitions = size.array(at: base, count: Capacity.services * slotCount)
    unsafe hasTransitions = size.array(at: base, count: Capacity.services)
    unsafe destinations = size.array(at: base, count: Capacity.destinations)
    unsafe traffic = size.array(at: base, count: Capacity.destinations)
    unsafe verdicts = size.array(at: base, count: Capacity.services * Capacity.verdicts)
  }

  /// Hands out the block from its start on.
  private struct Allotment {
    var end = 0

    /// The offset of the next `byteCount` bytes, on a cache line of their own.
    mutating func take(_ byteCount: Int) -> Int {
      let offset = (end + 63) & ~63
      end = offset + byteCount
      return offset
    }

    mutating func array<Element>(at base: UnsafeMutableRawPointer, count: Int) -> UnsafeMutablePointer<Element> {
      unsafe (base + take(count * MemoryLayout<Element>.stride)).assumingMemoryBound(to: Element.self)
    }
  }
}

// The rows. An index beyond a table is nobody's, as in the kernel's maps.
extension TablePointers {
  @inline(__always)
  func slot(_ number: UInt32, ofService index: UInt32) -> UnsafeMutablePointer<Slot>? {
    guard index < UInt32(Capacity.services), number < UInt32(slotCount) else { return nil }
    return unsafe slots + (Int(index) &* slotCount &+ Int(number))
  }

  @inline(__always)
  func transition(_ number: UInt32, ofService index: UInt32) -> UnsafeMutablePointer<Transition>? {
    guard index < UInt32(Capacity.services), number < UInt32(slotCount), unsafe hasTransitions[Int(index)] != 0 else {
      return nil
    }
    return unsafe transitions + (Int(index) &* slotCount &+ Int(number))
  }

  @inline(__always)
  func destination(_ index: DestinationIndex) -> UnsafeMutablePointer<Destination>? {
    guard index.rawValue < UInt32(Capacity.destinations) else { return nil }
    return unsafe destinations + Int(index.rawValue)
  }

  @inline(__always)
  func traffic(_ index: DestinationIndex) -> UnsafeMutablePointer<TrafficCounter>? {
    guard index.rawValue < UInt32(Capacity.destinations) else { return nil }
    return unsafe traffic + Int(index.rawValue)
  }

  @inline(__always)
  func verdict(_ verdict: Verdict, ofService index: UInt32) -> UnsafeMutablePointer<UInt64>? {
    guard index < UInt32(Capacity.services) else { return nil }
    return unsafe verdicts + (Int(index) &* Capacity.verdicts &+ Int(verdict.rawValue))
  }

  /// Whether a service has unsettled slots: without, its transitions are not looked at.
  func setHasTransitions(_ value: Bool, service index: UInt32) {
    guard index < UInt32(Capacity.services) else { return }
    unsafe hasTransitions[Int(index)] = value ? 1 : 0
  }

  func hasTransitions(service index: UInt32) -> Bool {
    guard index < UInt32(Capacity.services) else { return false }
    return unsafe hasTransitions[Int(index)] != 0
  }
}
