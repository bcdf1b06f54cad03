// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Wire

/// A table's value with an address of its own.
final class Cell<Value: BitwiseCopyable> {
  let pointer: UnsafeMutablePointer<Value>

  init(_ value: Value) {
    pointer = .allocate(capacity: 1)
    pointer.initialize(to: value)
  }

  deinit {
    pointer.deallocate()
  }

  var value: Value {
    get { pointer.pointee }
    set { pointer.pointee = newValue }
  }
}

/// A slot of a service.
struct SlotAddress: Hashable {
  let service: UInt32
  let number: UInt32
}

/// How often each table was asked for something; the settings and the allowance are single rows, and not counted.
struct Touches: Equatable {
  var services = 0
  var virtualAddresses = 0
  var portTables = 0
  var sourceFilters = 0
  var slots = 0
  var transitions = 0
  var destinations = 0
  var flows = 0
  var fragments = 0

  var total: Int {
    services + virtualAddresses + portTables + sourceFilters + slots + transitions + destinations + flows + fragments
  }
}

/// What was counted of packets not sent: verdict and service.
struct VerdictRow: Hashable {
  let verdict: Verdict
  let service: UInt32
}

/// The data plane's surroundings in dictionaries, the plainest there are, and a tally of what it touches.
final class TestEnvironment: Environment {
  var services: [ServiceKey: Cell<ServiceEntry>] = [:]
  var virtualAddresses: [PrefixKey: Cell<VirtualAddressEntry>] = [:]
  var portTables: [PortTableKey: Cell<PortTable>] = [:]
  var commonSettings = Cell(Settings(prefixLengths: [128], flowLimit: 1_000, replyLimit: 1_000))
  var filter = SourceFilter([])
  /// The slots that are not like their service's others.
  var slots: [SlotAddress: Cell<Slot>] = [:]
  /// All other slots, by service.
  var commonSlots: [UInt32: Cell<Slot>] = [:]
  /// The transitions of all slots, by service.
  var transitions: [UInt32: Cell<Transition>] = [:]
  var destinations: [DestinationIndex: Cell<Destination>] = [:]
  let flowTable = TestFlowTable(buckets: Capacity.flowBuckets)
  let fragmentTable = TestFlowTable(buckets: Capacity.fragmentBuckets)
  let doings = Cell(Allowance())
  var now = Tick(rawValue: 1_000)

  private(set) var traffic: [DestinationIndex: TrafficCounter] = [:]
  private(set) var verdicts: [VerdictRow: Int] = [:]
  /// What was touched since `receive`.
  private(set) var touches = Touches()
  private var memory = PacketMemory([])

  /// Puts a frame where the data plane finds it.
  func receive(_ frame: [UInt8], headroom: Int = 64) {
    memory = PacketMemory(frame, headroom: headroom)
    touches = Touches()
  }

  /// The frame as it is now.
  var frame: [UInt8] { memory.bytes }
  var packet: PacketBytes { memory.packet }

  func moveHead(by count: Int) -> Bool {
    count < 0 ? memory.shrinkHead(by: -count) : memory.growHead(by: count)
  }

  func trim(to count: Int) -> Bool { memory.trim(to: count) }

  func settle<Value>(_ value: Value) -> Value {
    precondition(MemoryLayout<Value>.size <= MemoryLayout<Scratch>.size, "\(Value.self) does not fit into the scratch")
    return value
  }

  var settings: UnsafePointer<Settings>? { UnsafePointer(commonSettings.pointer) }

  func service(_ key: ServiceKey) -> UnsafePointer<ServiceEntry>? {
    touches.services += 1
    return services[key].map { UnsafePointer($0.pointer) }
  }

  func virtualAddress(_ key: PrefixKey) -> UnsafePointer<VirtualAddressEntry>? {
    touches.virtualAddresses += 1
    return virtualAddresses[key].map { UnsafePointer($0.pointer) }
  }

  func portTable(_ key: PortTableKey) -> UnsafePointer<PortTable>? {
    touches.portTables += 1
    return portTables[key].map { UnsafePointer($0.pointer) }
  }

  func sourceFilter(_ word: UInt32) -> UInt64 {
    touches.sourceFilters += 1
    return filter.words[Int(word)]
  }

  func slot(_ number: UInt32, ofService index: UInt32) -> UnsafePointer<Slot>? {
    touches.slots += 1
    let cell = slots[SlotAddress(service: index, number: number)] ?? commonSlots[index]
    return cell.map { UnsafePointer($0.pointer) }
  }

  func transition(_ number: UInt32, ofService index: UInt32) -> UnsafeMutablePointer<Transition>? {
    touches.transitions += 1
    return transitions[index]?.pointer
  }

  func destination(_ index: DestinationIndex) -> UnsafePointer<Destination>? {
    touches.destinations += 1
    return destinations[index].map { UnsafePointer($0.pointer) }
  }

  func flows(_ bucket: UInt32) -> FlowBucket? {
    touches.flows += 1
    return flowTable.bucket(bucket)
  }

  func fragments(_ bucket: UInt32) -> FlowBucket? {
    touches.fragments += 1
    return fragmentTable.bucket(bucket)
  }

  func allowance() -> UnsafeMutablePointer<Allowance>? { doings.pointer }

  func count(_ destination: DestinationIndex, bytes: UInt64, isNewFlow: Bool) {
    traffic[destination, default: TrafficCounter()].add(bytes: bytes, isNewFlow: isNewFlow)
  }

  func count(_ verdict: Verdict, ofService index: UInt32) {
    verdicts[VerdictRow(verdict: verdict, service: index), default: 0] += 1
  }
}

/// Buckets of flows, each made when it is asked for.
final class TestFlowTable {
  private let size: Int
  private var buckets: [UInt32: UnsafeMutablePointer<Flow>] = [:]

  init(buckets: Int) {
    size = buckets
  }

  deinit {
    for bucket in buckets.values { bucket.deallocate() }
  }

  func bucket(_ number: UInt32) -> FlowBucket? {
    guard number < UInt32(size) else { return nil }
    return FlowBucket(flows(number))
  }

  private func flows(_ number: UInt32) -> UnsafeMutablePointer<Flow> {
    if let bucket = buckets[number] { return bucket }
    let bucket = UnsafeMutablePointer<Flow>.allocate(capacity: FlowBucket.size)
    bucket.initialize(repeating: Flow(word: 0), count: FlowBucket.size)
    buckets[number] = bucket
    return bucket
  }

  /// Everything that is remembered.
  var all: [Flow] { buckets.keys.flatMap { self[bucket: $0] } }

  /// What a bucket remembers, in the order of its places.
  subscript(bucket number: UInt32) -> [Flow] {
    (0..<FlowBucket.size).map { flows(number)[$0] }.filter { !$0.isVacant }
  }

  /// What is remembered of the flow with this hash.
  subscript(hash: UInt64) -> Flow? {
    let place = FlowPlace(hash: hash, buckets: size)
    return self[bucket: place.bucket].first { $0.tag == place.tag }
  }

  /// Remembers a flow in the first place that is free.
  func insert(
    _ hash: UInt64, _ destination: DestinationIndex, lastSeen: Tick, isPinned: Bool = true
  ) {
    let place = FlowPlace(hash: hash, buckets: size)
    let flow = Flow(tag: place.tag, isPinned: isPinned, destination: destination, lastSeen: lastSeen)
    guard let free = (0..<FlowBucket.size).first(where: { flows(place.bucket)[$0].isVacant }) else {
      preconditionFailure("bucket \(place.bucket) is full")
    }
    flows(place.bucket)[free] = flow
  }
}
