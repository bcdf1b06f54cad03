// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Wire

@testable import Balancing

/// Memory at a fixed address, for as long as somebody holds it.
final class Cell<Value> {
  let pointer = UnsafeMutablePointer<Value>.allocate(capacity: 1)

  init(_ value: Value) {
    pointer.initialize(to: value)
  }

  deinit {
    pointer.deinitialize(count: 1)
    pointer.deallocate()
  }
}

/// A data plane's tables in dictionaries, with any number of slots and of buckets of flows, and one packet.
final class TestTables {
  var now = Tick(rawValue: 100)
  let slotsPerService: UInt32
  let flowBuckets: UInt32
  private(set) var services: [ServiceKey: Cell<ServiceEntry>] = [:]
  private(set) var virtualAddresses: [PrefixKey: Cell<VirtualAddressEntry>] = [:]
  private(set) var portTables: [PortTableKey: Cell<PortTable>] = [:]
  private(set) var settings = Cell(Settings(prefixLengths: [], flowLimit: 0, replyLimit: 0))
  private(set) var sourceFilter = SourceFilter([])
  private(set) var destinations: [DestinationIndex: Cell<Destination>] = [:]
  private(set) var slots: [UInt32: [Cell<Slot>]] = [:]
  private(set) var transitions: [UInt32: [UInt32: Cell<Transition>]] = [:]
  private var buckets: [UInt32: Cell<InlineArray<8, Flow>>] = [:]
  fileprivate let allowance = Cell(Allowance())
  /// Which destination the last packet was sent to.
  fileprivate(set) var sent: DestinationIndex?
  /// Why the last packet was not sent, and for which service.
  fileprivate(set) var refusal: (verdict: Verdict, service: UInt32)?
  /// Whether the last packet met an unsettled slot.
  fileprivate(set) var metUnsettledSlot = false
  /// Whether the last packet's flow is remembered.
  private(set) var remembersLast = false
  /// Whether the last packet touched the flow table.
  fileprivate(set) var touchedFlows = false
  private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 8)
  fileprivate var start = 0
  fileprivate var end = 0

  init(slotsPerService: Int = slotCount, flowBuckets: Int = Capacity.flowBuckets) {
    self.slotsPerService = UInt32(slotsPerService)
    self.flowBuckets = UInt32(flowBuckets)
  }

  deinit {
    memory.deallocate()
  }

  fileprivate var packet: PacketBytes {
    let base = memory.baseAddress.unsafelyUnwrapped
    return PacketBytes(start: base + start, end: base + end)
  }

  /// Forwards a TCP segment to a service; the address that it was sent to, or nil if it was not.
  func send(
    from client: IPv4Address, port: UInt16, to service: ServiceMatch, flags: TCPHeader.Flags
  ) -> IPv4Address? {
    let flow = FlowTuple(
      client: IPv6Address(mapping: client), clientPort: port, address: service.prefix.address.mapped,
      port: service.ports.lowerBound, transportProtocol: .tcp)
    write(flow, flags)
    forwardPacket()
    guard let sent else { return nil }
    let seed = services.values.first { $0.pointer.pointee.index == destinations[sent]?.pointer.pointee.serviceIndex }
    let place = FlowPlace(
      hash: FlowHash.of(flow, seed: seed?.pointer.pointee.hashSeed ?? 0), buckets: Capacity.flowBuckets)
    remembersLast = flows(place.bucket).contains { $0.tag == place.tag && $0.lastSeen(now) == now }
    return try? IPv4Header(parsing: packet.dropping(EthernetHeader.size)).destination
  }

  /// Forwards any frame of at most 256 bytes; the destination that it was sent to.
  func forward(_ frame: [UInt8]) -> DestinationIndex? {
    start = 66
    end = start + frame.count
    UnsafeMutableRawBufferPointer(rebasing: memory[start..<end]).copyBytes(from: frame)
    forwardPacket()
    return sent
  }

  private func forwardPacket() {
    (sent, refusal, metUnsettledSlot, touchedFlows, remembersLast) = (nil, nil, false, false, false)
    var environment = TestEnvironment(tables: self)
    _ = DataPlane.forward(&environment)
  }

  private func write(_ flow: FlowTuple, _ flags: TCPHeader.Flags) {
    start = 66
    end = start + EthernetHeader.size + IPv4Header.size + TCPHeader.size
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    EthernetHeader(destination: .zero, source: .zero, type: .ipv4).emit(into: packet)
    IPv4Header(
      trafficClass: 0, totalLength: 40, identification: 0, fragment: .doNotFragment, timeToLive: 64,
      transportProtocol: .tcp, source: flow.client.embeddedIPv4, destination: flow.address.embeddedIPv4
    ).emit(into: packet.dropping(EthernetHeader.size))
    let header = TCPHeader(
      sourcePort: flow.clientPort, destinationPort: flow.port, sequence: 0, acknowledgement: 0, flags: flags)
    header.emit(into: packet.dropping(EthernetHeader.size + IPv4Header.size), pseudoHeader: Checksum())
  }

  /// Carries out the writes one by one, and calls `between` after each.
  func commit(_ update: TableUpdate, between: () -> Void = {}) {
    for write in update.writes {
      carryOut(write)
      between()
    }
  }

  private func carryOut(_ write: TableWrite) {
    switch write {
    case .destination(let index, let row): destinations[index] = Cell(row)
    case .service(let key, let entry): services[key] = entry.map { Cell($0) }
    case .virtualAddress(let key, let entry): virtualAddresses[key] = entry.map { Cell($0) }
    case .portTable(let key, let table): portTables[key] = table.map { Cell($0) }
    case .settings(let new): settings = Cell(new)
    case .sourceFilter(let filter): sourceFilter = filter
    case .transitions(let rows, let service): transitions[service] = rows.mapValues { Cell($0) }
    case .slots(let rows, let service): slots[service] = rows.map { Cell($0) }
    case .removeTransitions(let service): transitions[service] = nil
    case .removeService(let service): (slots[service], transitions[service]) = (nil, nil)
    case .release(let indices): forget { indices.contains($0.destination) }
    }
  }

  var observedTransitions: [UInt32: [UInt32: Tick]] {
    transitions.mapValues { $0.mapValues(\.pointer.pointee.lastOther) }
  }

  /// Everything that is remembered.
  var flows: [Flow] { buckets.keys.flatMap(flows) }

  private func flows(_ bucket: UInt32) -> [Flow] {
    guard let flows = buckets[bucket % flowBuckets]?.pointer.pointee else { return [] }
    return flows.indices.map { flows[$0] }.filter { !$0.isVacant }
  }

  func forgetFlows(idleFor ticks: UInt32) { forget { $0.age(now) > ticks } }

  private func forget(where isForgotten: (Flow) -> Bool) {
    for bucket in buckets.values {
      for place in 0..<FlowBucket.size where isForgotten(bucket.pointer.pointee[place]) {
        bucket.pointer.pointee[place] = Flow(word: 0)
      }
    }
  }

  fileprivate func bucket(_ number: UInt32) -> FlowBucket {
    let cell = buckets[number % flowBuckets] ?? Cell(InlineArray(repeating: Flow(word: 0)))
    buckets[number % flowBuckets] = cell
    return FlowBucket(UnsafeMutableRawPointer(cell.pointer).assumingMemoryBound(to: Flow.self))
  }

  var contents: TableContents {
    var matching = MatchingTables(settings: settings.pointer.pointee)
    matching.services = services.mapValues(\.pointer.pointee)
    matching.virtualAddresses = virtualAddresses.mapValues(\.pointer.pointee)
    matching.portTables = portTables.mapValues(\.pointer.pointee)
    matching.sourceFilter = sourceFilter
    return TableContents(
      matching: matching, destinations: destinations.mapValues(\.pointer.pointee),
      slots: slots.mapValues { $0.map(\.pointer.pointee) },
      transitions: transitions.mapValues { $0.mapValues(\.pointer.pointee) })
  }
}

/// The data plane's view of `TestTables`.
private struct TestEnvironment: Environment {
  let tables: TestTables

  var packet: PacketBytes { tables.packet }
  var now: Tick { tables.now }

  mutating func moveHead(by count: Int) -> Bool {
    tables.start -= count
    return true
  }

  mutating func trim(to count: Int) -> Bool {
    guard tables.start + count <= tables.end else { return false }
    tables.end = tables.start + count
    return true
  }

  func settle<Value>(_ value: Value) -> Value { value }

  var settings: UnsafePointer<Settings>? { UnsafePointer(tables.settings.pointer) }

  func service(_ key: ServiceKey) -> UnsafePointer<ServiceEntry>? {
    tables.services[key].map { UnsafePointer($0.pointer) }
  }

  func virtualAddress(_ key: PrefixKey) -> UnsafePointer<VirtualAddressEntry>? {
    tables.virtualAddresses[key].map { UnsafePointer($0.pointer) }
  }

  func portTable(_ key: PortTableKey) -> UnsafePointer<PortTable>? {
    tables.portTables[key].map { UnsafePointer($0.pointer) }
  }

  func sourceFilter(_ word: UInt32) -> UInt64 { tables.sourceFilter.words[Int(word)] }

  func slot(_ number: UInt32, ofService index: UInt32) -> UnsafePointer<Slot>? {
    guard let slot = tables.slots[index]?[Int(number % tables.slotsPerService)].pointer else { return nil }
    tables.metUnsettledSlot = !slot.pointee.isSettled
    return UnsafePointer(slot)
  }

  func transition(_ number: UInt32, ofService index: UInt32) -> UnsafeMutablePointer<Transition>? {
    tables.transitions[index]?[number % tables.slotsPerService]?.pointer
  }

  func destination(_ index: DestinationIndex) -> UnsafePointer<Destination>? {
    tables.destinations[index].map { UnsafePointer($0.pointer) }
  }

  func flows(_ bucket: UInt32) -> FlowBucket? {
    tables.touchedFlows = true
    return tables.bucket(bucket)
  }

  func fragments(_ bucket: UInt32) -> FlowBucket? { nil }

  func allowance() -> UnsafeMutablePointer<Allowance>? { tables.allowance.pointer }

  mutating func count(_ destination: DestinationIndex, bytes: UInt64, isNewFlow: Bool) {
    tables.sent = destination
  }

  mutating func count(_ verdict: Verdict, ofService index: UInt32) {
    tables.refusal = (verdict, index)
  }
}
