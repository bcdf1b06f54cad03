// SPDX-License-Identifier: MIT
public import Balancing
public import DataPlane
import Linux

extension UserspaceEngine: Engine {
  public var kind: String { "userspace" }

  public var description: String { interfaceName.map { "userspace on \($0) (packet sockets)" } ?? "userspace" }

  /// No packet is forwarded meanwhile, so packets see all of the update or nothing of it.
  public func commit(_ update: TableUpdate) throws(EngineError) {
    do {
      try withTables { tables throws(LinuxError) in
        // On a full file system a write is a signal that ends the process: room is made while nothing has changed yet.
        for write in update.writes { try tables.makeRoom(for: write) }
        for write in update.writes { tables.carryOut(write) }
      }
    } catch {
      throw EngineError(operation: "writing the tables", reason: "\(error)")
    }
  }

  public func observedTransitions() -> [UInt32: [UInt32: Tick]] {
    withTables { tables in tables.contents() }.transitions.mapValues { $0.mapValues(\.lastOther) }
  }

  public func traffic() -> [DestinationIndex: TrafficCounter] { withTables { tables in tables.traffic() } }

  public func verdicts() -> [UInt32: [Verdict: UInt64]] { withTables { tables in tables.verdicts() } }

  public func forgetFlows(idleFor ticks: UInt32, now: Tick) {
    withTables { tables in tables.pointers.flows.forget { $0.age(now) > ticks } }
  }

  public func flow(hash: UInt64) -> Flow? { withTables { tables in tables.pointers.flows.flow(hash: hash) } }

  public func flowCounts() -> [DestinationIndex: Int] {
    withTables { tables in tables.pointers.flows.remembered.lazy.map(\.flow).countsByDestination }
  }

  public func contents() -> TableContents { withTables { tables in tables.contents() } }
}

extension MemoryTables {
  borrowing func makeRoom(for write: TableWrite) throws(LinuxError) {
    switch write {
    case .slots(_, let service): try reserveSlots(ofService: service)
    case .transitions(_, let service): try reserveTransitions(ofService: service)
    default: break
    }
  }

  borrowing func carryOut(_ write: TableWrite) {
    switch write {
    case .destination(let index, let destination):
      setDestination(destination, at: index)
    case .service(let key, let entry):
      set(entry, for: key, in: pointers.services)
    case .virtualAddress(let key, let entry):
      set(entry, for: key, in: pointers.virtualAddresses)
    case .portTable(let key, let table):
      set(table, for: key, in: pointers.portTables)
    case .settings(let settings):
      setSettings(settings)
    case .sourceFilter(let filter):
      setSourceFilter(filter)
    case .transitions(let transitions, let service):
      setTransitions(transitions.lazy.map { (number: $0.key, transition: $0.value) }, ofService: service)
    case .slots(let slots, let service):
      replaceSlots(ofService: service, with: slots.span)
    case .removeTransitions(let service):
      removeTransitions(ofService: service)
    case .removeService(let service):
      eraseService(service)
    case .release(let destinations):
      forgetFlows { destinations.contains($0.destination) }
      for destination in destinations { eraseDestination(destination) }
    }
  }

  /// All that the tables hold, flows and counters aside.
  borrowing func contents() -> TableContents {
    var contents = TableContents()
    contents.matching = matching()
    for entry in contents.matching.entries.values {
      contents.slots[entry.index] = slots(ofService: entry.index)
      let remembered = transitions(ofService: entry.index).map { ($0.number, $0.transition) }
      if !remembered.isEmpty { contents.transitions[entry.index] = Dictionary(uniqueKeysWithValues: remembered) }
    }
    for row in 1..<UInt32(Capacity.destinations) {
      let destination = destination(DestinationIndex(rawValue: row))
      if destination.serviceIndex != 0 { contents.destinations[DestinationIndex(rawValue: row)] = destination }
    }
    return contents
  }

  borrowing func traffic() -> [DestinationIndex: TrafficCounter] {
    var traffic: [DestinationIndex: TrafficCounter] = [:]
    for row in 0..<UInt32(Capacity.destinations) {
      let counter = self.traffic(of: DestinationIndex(rawValue: row))
      if counter.packets != 0 { traffic[DestinationIndex(rawValue: row)] = counter }
    }
    return traffic
  }

  borrowing func verdicts() -> [UInt32: [Verdict: UInt64]] {
    var verdicts: [UInt32: [Verdict: UInt64]] = [:]
    for service in 0..<UInt32(Capacity.services) {
      let counts = self.verdicts(ofService: service)
      if !counts.isEmpty { verdicts[service] = counts }
    }
    return verdicts
  }
}
