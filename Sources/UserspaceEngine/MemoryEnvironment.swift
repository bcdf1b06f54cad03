// SPDX-License-Identifier: MIT
import DataPlane
import Wire

/// The data plane's surroundings on the host: a frame in plain memory, and tables in plain memory.
@safe
struct MemoryEnvironment: Environment {
  private let tables: TablePointers
  /// The first byte that the frame may grow into.
  private let floor: UnsafeMutableRawPointer
  private var start: UnsafeMutableRawPointer
  private let end: UnsafeMutableRawPointer
  let now: Tick

  /// The frame is `room[offset...]`; what stands before `offset` is room at its head.
  init(_ room: UnsafeMutableRawBufferPointer, frameAt offset: Int, tables: TablePointers, now: Tick) {
    let base = unsafe room.baseAddress.unsafelyUnwrapped
    unsafe floor = base
    unsafe start = base + offset
    unsafe end = base + room.count
    self.tables = tables
    self.now = now
  }

  /// Where the frame starts now.
  var frameOffset: Int { unsafe start - floor }

  var packet: PacketBytes {
    @inline(__always) get { unsafe PacketBytes(start: start, end: end) }
  }

  @inline(__always)
  mutating func growHead(by count: Int) -> Bool {
    guard unsafe floor + count <= start else { return false }
    unsafe start -= count
    return true
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
  func flow(_ key: FlowKey) -> UnsafeMutablePointer<Flow>? {
    unsafe tables.flows.pointer(to: key)
  }

  @inline(__always)
  mutating func remember(_ flow: Flow, for key: FlowKey) -> Bool {
    tables.flows.insert(flow, for: key)
  }

  @inline(__always)
  mutating func count(_ destination: DestinationIndex, bytes: UInt64, opensConnection: Bool) {
    unsafe tables.traffic(destination)?.pointee.add(bytes: bytes, opensConnection: opensConnection)
  }

  @inline(__always)
  mutating func count(_ verdict: Verdict, ofService index: UInt32) {
    unsafe tables.verdict(verdict, ofService: index)?.pointee &+= 1
  }
}
