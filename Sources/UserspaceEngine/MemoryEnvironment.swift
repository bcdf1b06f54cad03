// SPDX-License-Identifier: MIT
import DataPlane
import Wire

/// The data plane's surroundings on the host: a frame in plain memory, and tables in plain memory.
@safe
struct MemoryEnvironment: Environment {
  private let tables: TablePointers
  private var place: MemoryFrame
  let now: Tick

  /// The frame is `room[offset...]`; what stands before `offset` is room at its head.
  init(_ room: UnsafeMutableRawBufferPointer, frameAt offset: Int, tables: TablePointers, now: Tick) {
    place = unsafe MemoryFrame(room, at: offset)
    self.tables = tables
    self.now = now
  }

  /// Where the frame stands now.
  var frame: Range<Int> { place.range }

  var packet: PacketBytes {
    @inline(__always) get { place.packet }
  }

  @inline(__always)
  mutating func moveHead(by count: Int) -> Bool { place.moveHead(by: count) }

  @inline(__always)
  mutating func trim(to count: Int) -> Bool { place.trim(to: count) }

  @inline(__always)
  func settle<Value>(_ value: Value) -> Value { value }

  var settings: UnsafePointer<Settings>? {
    @inline(__always) get { unsafe UnsafePointer(tables.settings) }
  }

  @inline(__always)
  func virtualAddress(_ key: PrefixKey) -> UnsafePointer<VirtualAddressEntry>? {
    unsafe tables.virtualAddresses.pointer(to: key).map { unsafe UnsafePointer($0) }
  }

  @inline(__always)
  func portTable(_ key: PortTableKey) -> UnsafePointer<PortTable>? {
    unsafe tables.portTables.pointer(to: key).map { unsafe UnsafePointer($0) }
  }

  @inline(__always)
  func sourceFilter(_ word: UInt32) -> UInt64 {
    guard word < UInt32(SourceFilter.wordCount) else { return 0 }
    return unsafe tables.sourceFilter[Int(word)]
  }

  @inline(__always)
  func service(_ key: ServiceKey) -> UnsafePointer<ServiceEntry>? {
    unsafe tables.services.pointer(to: key).map { unsafe UnsafePointer($0) }
  }

  @inline(__always)
  func slot(_ number: UInt32, ofService index: UInt32) -> UnsafePointer<Slot>? {
    unsafe tables.slot(number, ofService: index).map { unsafe UnsafePointer($0) }
  }

  @inline(__always)
  func transition(_ number: UInt32, ofService index: UInt32) -> UnsafeMutablePointer<Transition>? {
    unsafe tables.transition(number, ofService: index)
  }

  @inline(__always)
  func destination(_ index: DestinationIndex) -> UnsafePointer<Destination>? {
    unsafe tables.destination(index).map { unsafe UnsafePointer($0) }
  }

  @inline(__always)
  func flows(_ bucket: UInt32) -> FlowBucket? { tables.flows.bucket(bucket) }

  @inline(__always)
  func fragments(_ bucket: UInt32) -> FlowBucket? { tables.fragments.bucket(bucket) }

  @inline(__always)
  func allowance() -> UnsafeMutablePointer<Allowance>? { unsafe tables.allowance }

  @inline(__always)
  mutating func count(_ destination: DestinationIndex, bytes: UInt64, isNewFlow: Bool) {
    unsafe tables.traffic(destination)?.pointee.add(bytes: bytes, isNewFlow: isNewFlow)
  }

  @inline(__always)
  mutating func count(_ verdict: Verdict, ofService index: UInt32) {
    unsafe tables.verdict(verdict, ofService: index)?.pointee &+= 1
  }
}
