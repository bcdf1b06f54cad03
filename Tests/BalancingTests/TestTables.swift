// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Wire

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

/// A data plane's tables in dictionaries, with any number of slots, and one packet.
final class TestTables {
  var now = Tick(rawValue: 100)
  let slotsPerService: UInt32
  let flowCapacity: Int
  private(set) var services: [ServiceKey: Cell<ServiceEntry>] = [:]
  private(set) var destinations: [DestinationIndex: Cell<Destination>] = [:]
  private(set) var slots: [UInt32: [Cell<Slot>]] = [:]
  private(set) var transitions: [UInt32: [UInt32: Cell<Transition>]] = [:]
  private(set) var flows: [FlowKey: Cell<Flow>] = [:]
  /// Which destination the last packet was sent to.
  fileprivate(set) var sent: DestinationIndex?
  /// Whether the last packet met an unsettled slot.
  fileprivate(set) var metUnsettledSlot = false
  /// Whether the last packet's flow could be remembered.
  private(set) var remembersLast = false
  /// Whether the last packet touched the flow table.
  fileprivate(set) var touchedFlows = false
  private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 8)
  fileprivate var start = 0
  fileprivate var end = 0

  init(slotsPerService: Int = slotCount, flowCapacity: Int = Capacity.flows) {
    self.slotsPerService = UInt32(slotsPerService)
    self.flowCapacity = flowCapacity
  }

  deinit {
    memory.deallocate()
  }

  fileprivate var packet: PacketBytes {
    let base = memory.baseAddress.unsafelyUnwrapped
    return PacketBytes(start: base + start, end: base + end)
  }

  /// Forwards a TCP segment; the address that it was sent to, or nil if it was not.
  func send(
    from client: IPv4Address, port: UInt16, to service: ServiceKey, flags: TCPHeader.Flags
  ) -> IPv4Address? {
    start = 66
    end = start + EthernetHeader.size + IPv4Header.size + TCPHeader.size
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    EthernetHeader(destination: .zero, source: .zero, type: .ipv4).emit(into: packet)
    let ip = packet.dropping(EthernetHeader.size)
    IPv4Header(
      trafficClass: 0, totalLength: 40, identification: 0, fragment: .doNotFragment, timeToLive: 64,
      transportProtocol: .tcp, source: client, destination: service.address.embeddedIPv4
    ).emit(into: ip)
    let tcp = memory.baseAddress.unsafelyUnwrapped + start + EthernetHeader.size + IPv4Header.size
    tcp.storeBytes(of: port.bigEndian, as: UInt16.self)
    tcp.storeBytes(of: service.port.bigEndian, toByteOffset: 2, as: UInt16.self)
    tcp.storeBytes(of: flags.rawValue, toByteOffset: 13, as: UInt8.self)
    (sent, metUnsettledSlot, touchedFlows, remembersLast) = (nil, false, false, false)
    var environment = TestEnvironment(tables: self)
    guard forward(&environment).verdict == .sent else { return nil }
    return try? IPv4Header(parsing: packet.dropping(EthernetHeader.size)).destination
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
    case .entry(let key, let entry): services[key] = entry.map { Cell($0) }
    case .transitions(let rows, let service): transitions[service] = rows.mapValues { Cell($0) }
    case .slots(let rows, let service): slots[service] = rows.map { Cell($0) }
    case .removeTransitions(let service): transitions[service] = nil
    case .removeService(let service): (slots[service], transitions[service]) = (nil, nil)
    case .release(let indices):
      flows = flows.filter { !indices.contains($0.value.pointer.pointee.destination) }
    }
  }

  var observedTransitions: [UInt32: [UInt32: Tick]] {
    transitions.mapValues { $0.mapValues(\.pointer.pointee.lastOther) }
  }

  func forgetIdleFlows(olderThan point: Tick) {
    flows = flows.filter { $0.value.pointer.pointee.lastSeen >= point }
  }

  var contents: TableContents {
    TableContents(
      services: services.mapValues(\.pointer.pointee), destinations: destinations.mapValues(\.pointer.pointee),
      slots: slots.mapValues { $0.map(\.pointer.pointee) },
      transitions: transitions.mapValues { $0.mapValues(\.pointer.pointee) })
  }

  fileprivate func remember(_ flow: Flow, for key: FlowKey) -> Bool {
    touchedFlows = true
    guard flows[key] != nil || flows.count < flowCapacity else { return false }
    flows[key] = Cell(flow)
    remembersLast = true
    return true
  }
}

/// The data plane's view of `TestTables`.
private struct TestEnvironment: Environment {
  let tables: TestTables

  var packet: PacketBytes { tables.packet }
  var now: Tick { tables.now }

  mutating func growHead(by count: Int) -> Bool {
    tables.start -= count
    return true
  }

  func service(_ key: ServiceKey) -> UnsafePointer<ServiceEntry>? {
    tables.services[key].map { UnsafePointer($0.pointer) }
  }

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

  func flow(_ key: FlowKey) -> UnsafeMutablePointer<Flow>? {
    tables.touchedFlows = true
    return tables.flows[key]?.pointer
  }

  mutating func remember(_ flow: Flow, for key: FlowKey) -> Bool { tables.remember(flow, for: key) }

  mutating func count(_ destination: DestinationIndex, bytes: UInt64, opensConnection: Bool) {
    tables.sent = destination
  }

  mutating func count(_ verdict: Verdict, ofService index: UInt32) {}
}
