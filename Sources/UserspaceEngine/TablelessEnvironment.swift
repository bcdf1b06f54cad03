// SPDX-License-Identifier: MIT
import DataPlane
import Wire

/// The data plane's surroundings where nothing is looked up: a frame in plain memory, and no tables.
@safe
struct TablelessEnvironment: Environment {
  private(set) var place: MemoryFrame

  /// The frame is `room[offset...]`; what stands before `offset` is room at its head.
  init(_ room: UnsafeMutableRawBufferPointer, frameAt offset: Int) {
    place = unsafe MemoryFrame(room, at: offset)
  }

  var packet: PacketBytes { place.packet }
  mutating func moveHead(by count: Int) -> Bool { place.moveHead(by: count) }
  mutating func trim(to count: Int) -> Bool { place.trim(to: count) }
  func settle<Value>(_ value: Value) -> Value { value }
  var now: Tick { Tick(rawValue: 0) }

  var settings: UnsafePointer<Settings>? { nil }
  func service(_ key: ServiceKey) -> UnsafePointer<ServiceEntry>? { nil }
  func virtualAddress(_ key: PrefixKey) -> UnsafePointer<VirtualAddressEntry>? { nil }
  func portTable(_ key: PortTableKey) -> UnsafePointer<PortTable>? { nil }
  func sourceFilter(_ word: UInt32) -> UInt64 { 0 }
  func slot(_ number: UInt32, ofService index: UInt32) -> UnsafePointer<Slot>? { nil }
  func transition(_ number: UInt32, ofService index: UInt32) -> UnsafeMutablePointer<Transition>? { nil }
  func destination(_ index: DestinationIndex) -> UnsafePointer<Destination>? { nil }
  func flows(_ bucket: UInt32) -> FlowBucket? { nil }
  func fragments(_ bucket: UInt32) -> FlowBucket? { nil }
  func allowance() -> UnsafeMutablePointer<Allowance>? { nil }
  mutating func count(_ destination: DestinationIndex, bytes: UInt64, isNewFlow: Bool) {}
  mutating func count(_ verdict: Verdict, ofService index: UInt32) {}
}
