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

/// How often each table was asked for something.
struct Touches: Equatable {
  var services = 0
  var slots = 0
  var transitions = 0
  var destinations = 0
  var flows = 0
  var remembered = 0
}

/// What was counted of packets not sent: verdict and service.
struct VerdictRow: Hashable {
  let verdict: Verdict
  let service: UInt32
}

/// The data plane's surroundings in dictionaries, the plainest there are, and a tally of what it touches.
final class TestEnvironment: Environment {
  var services: [ServiceKey: Cell<ServiceEntry>] = [:]
  /// The slots that are not like their service's others.
  var slots: [SlotAddress: Cell<Slot>] = [:]
  /// All other slots, by service.
  var commonSlots: [UInt32: Cell<Slot>] = [:]
  /// The transitions of all slots, by service.
  var transitions: [UInt32: Cell<Transition>] = [:]
  var destinations: [DestinationIndex: Cell<Destination>] = [:]
  var flows: [FlowKey: Cell<Flow>] = [:]
  var flowCapacity = 100
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

  func growHead(by count: Int) -> Bool { memory.growHead(by: count) }

  func service(_ key: ServiceKey) -> UnsafePointer<ServiceEntry>? {
    touches.services += 1
    return services[key].map { UnsafePointer($0.pointer) }
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

  func flow(_ key: FlowKey) -> UnsafeMutablePointer<Flow>? {
    touches.flows += 1
    return flows[key]?.pointer
  }

  func remember(_ flow: Flow, for key: FlowKey) -> Bool {
    touches.remembered += 1
    guard flows[key] != nil || flows.count < flowCapacity else { return false }
    flows[key] = Cell(flow)
    return true
  }

  func count(_ destination: DestinationIndex, bytes: UInt64, opensConnection: Bool) {
    traffic[destination, default: TrafficCounter()].add(bytes: bytes, opensConnection: opensConnection)
  }

  func count(_ verdict: Verdict, ofService index: UInt32) {
    verdicts[VerdictRow(verdict: verdict, service: index), default: 0] += 1
  }
}

/// The decapsulator's surroundings in a dictionary.
final class TestDecapsulationEnvironment: DecapsulationEnvironment {
  var roles: [IPv6Address: AddressRole] = [:]
  /// Whether the head may shrink: the kernel could say no.
  var shrinks = true
  private(set) var verdicts: [DecapsulationVerdict: Int] = [:]
  private var memory = PacketMemory([])

  func receive(_ frame: [UInt8]) {
    memory = PacketMemory(frame)
  }

  var frame: [UInt8] { memory.bytes }
  var packet: PacketBytes { memory.packet }

  func shrinkHead(by count: Int) -> Bool { shrinks && memory.shrinkHead(by: count) }

  func role(of address: IPv6Address) -> AddressRole? { roles[address] }

  func count(_ verdict: DecapsulationVerdict) {
    verdicts[verdict, default: 0] += 1
  }
}
