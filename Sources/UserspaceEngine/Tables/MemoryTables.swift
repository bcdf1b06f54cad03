// SPDX-License-Identifier: MIT
import DataPlane
import Linux
import SystemPackage

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

  // A write to memory that the file's file system has no room for would end the process, in the middle of the traffic.

  /// Makes room for what all services share: 9 MiB, most of it for flows.
  borrowing func reserveShared() throws(LinuxError) {
    let ranges = unsafe pointers.sharedRanges(from: memory.buffer.baseAddress.unsafelyUnwrapped)
    for range in ranges { try reserve(range) }
  }

  /// Makes room for the slots of a service, 256 KiB: before they are written for the first time.
  borrowing func reserveSlots(ofService index: UInt32) throws(LinuxError) {
    unsafe try reserve(row: pointers.slot(0, ofService: index).map { UnsafeRawPointer($0) }, of: Slot.self)
  }

  /// Makes room for the transitions of a service, 768 KiB: before it gets unsettled slots for the first time.
  borrowing func reserveTransitions(ofService index: UInt32) throws(LinuxError) {
    unsafe try reserve(row: pointers.transitionRow(ofService: index), of: Transition.self)
  }

  private borrowing func reserve<Row>(row: UnsafeRawPointer?, of type: Row.Type) throws(LinuxError) {
    guard let row = unsafe row, let base = unsafe memory.buffer.baseAddress else { return }
    let start = unsafe row - UnsafeRawPointer(base)
    try reserve(start..<start + slotCount * MemoryLayout<Row>.stride)
  }

  private borrowing func reserve(_ range: Range<Int>) throws(LinuxError) {
    do throws(LinuxError) {
      try memory.reserve(range)
    } catch {
      throw LinuxError(
        operation: "make room for \(range.count >> 10) KiB of tables",
        errno: error.errno == .badAddress ? .noSpace : error.errno,
        advice: "the file system of the tables' file needs more room")
    }
  }
}

/// Where each table stands in the block.
@safe
struct TablePointers {
  let services: HashTable<ServiceKey, ServiceEntry>
  let virtualAddresses: HashTable<PrefixKey, VirtualAddressEntry>
  let portTables: HashTable<PortTableKey, PortTable>
  let settings: UnsafeMutablePointer<Settings>
  let sourceFilter: UnsafeMutablePointer<UInt64>
  let allowance: UnsafeMutablePointer<Allowance>
  let flows: FlowTable
  let fragments: FlowTable
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
    unsafe services = size.hashTable(at: base, capacity: Capacity.services)
    unsafe virtualAddresses = size.hashTable(at: base, capacity: Capacity.virtualAddresses)
    unsafe portTables = size.hashTable(at: base, capacity: Capacity.portTables)
    unsafe settings = size.array(at: base, count: 1)
    unsafe sourceFilter = size.array(at: base, count: SourceFilter.wordCount)
    unsafe allowance = size.array(at: base, count: 1)
    unsafe flows = FlowTable(
      size.array(at: base, count: Capacity.flowBuckets * FlowBucket.size), buckets: Capacity.flowBuckets)
    unsafe fragments = FlowTable(
      size.array(at: base, count: Capacity.fragmentBuckets * FlowBucket.size), buckets: Capacity.fragmentBuckets)
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

    mutating func hashTable<Key: TableKey, Value: BitwiseCopyable>(
      at base: UnsafeMutableRawPointer, capacity: Int
    ) -> HashTable<Key, Value> {
      unsafe HashTable(
        at: base + take(HashTable<Key, Value>.byteCount(capacity: capacity)), capacity: capacity)
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

  /// Where the transitions of a service start, whether it has any or not.
  fileprivate func transitionRow(ofService index: UInt32) -> UnsafeRawPointer? {
    guard index < UInt32(Capacity.services) else { return nil }
    return unsafe UnsafeRawPointer(transitions + Int(index) &* slotCount)
  }

  /// All but the slots and transitions, as offsets from the block's start at `base`.
  fileprivate func sharedRanges(from base: UnsafeMutableRawPointer) -> [Range<Int>] {
    let perService = unsafe UnsafeMutableRawPointer(slots) - base..<UnsafeMutableRawPointer(hasTransitions) - base
    return [0..<perService.lowerBound, perService.upperBound..<Self.byteCount]
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
