// SPDX-License-Identifier: MIT
import BPF
public import Balancing
import DataPlane

extension KernelEngine {
  public func commit(_ update: TableUpdate) throws(EngineError) {
    try attempt("writing the tables") { () throws(BPFError) in
      // What can fail for want of memory comes first, when nothing has changed yet.
      let writes = try update.writes.map { (write) throws(BPFError) in try StagedWrite(write) }
      for write in writes { try carryOut(write) }
    }
  }

  private func carryOut(_ staged: StagedWrite) throws(BPFError) {
    switch staged.write {
    case .destination(let index, let destination):
      try maps[.destinations].update(index.rawValue, destination)
    case .service(let key, let entry):
      try set(entry, for: key, in: .services)
    case .virtualAddress(let key, let entry):
      try set(entry, for: key, in: .virtualAddresses)
    case .portTable(let key, let table):
      try set(table, for: key, in: .portTables)
    case .settings(let settings):
      try maps[.settings].update(0 as UInt32, settings)
    case .sourceFilter(let filter):
      try maps[.sourceFilter].updateBatch(startingAt: 0, values: filter.words.span)
    case .transitions(_, let service):
      try staged.install(in: maps[.transitions], at: service)
      unsettled.insert(service)
    case .slots(_, let service):
      try staged.install(in: maps[.slots], at: service)
    case .removeTransitions(let service):
      try removeTransitions(ofService: service)
    case .removeService(let service):
      try maps[.slots].delete(service)
      try removeTransitions(ofService: service)
      for row in 0..<Capacity.verdicts {
        try zero(maps[.verdicts], UInt32(Int(service) * Capacity.verdicts + row), 0 as UInt64)
      }
    case .release(let destinations):
      let fragments = try MappedFlows(maps[.fragments])
      try MappedFlows(maps[.flows]).forget { destinations.contains($0.destination) }
      fragments.forget { destinations.contains($0.destination) }
      for destination in destinations { try zero(maps[.traffic], destination.rawValue, TrafficCounter()) }
    }
  }

  private func set<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ value: Value?, for key: Key, in table: DirectorMaps.Table
  ) throws(BPFError) {
    if let value {
      try maps[table].update(key, value)
    } else {
      try maps[table].delete(key)
    }
  }

  private func removeTransitions(ofService index: UInt32) throws(BPFError) {
    guard unsettled.remove(index) != nil else { return }
    try maps[.transitions].delete(index)
  }

  private func zero<Value: BitwiseCopyable>(_ map: borrowing Map, _ row: UInt32, _ value: Value) throws(BPFError) {
    guard let values = try map.lookupPerCPU(row, as: Value.self) else { return }
    try map.updatePerCPU(row, values.map { _ in value })
  }
}

/// A write whose new table, if it brings one, exists already.
private struct StagedWrite {
  let write: TableWrite
  private let table: NewTable?

  /// A map on its way into a map of maps.
  private final class NewTable {
    let map: Map

    init(_ spec: MapSpec, _ fill: (borrowing Map) throws(BPFError) -> Void) throws(BPFError) {
      map = try Map.create(spec)
      try fill(map)
    }
  }

  init(_ write: TableWrite) throws(BPFError) {
    self.write = write
    table =
      switch write {
      case .slots(let slots, _):
        try NewTable(DirectorMaps.Table.slotTable) { (map) throws(BPFError) in
          try map.updateBatch(startingAt: 0, values: slots.span)
        }
      case .transitions(let transitions, _):
        try NewTable(DirectorMaps.Table.transitionTable) { (map) throws(BPFError) in
          for (number, transition) in transitions { try map.update(number, transition) }
        }
      default: nil
      }
  }

  /// Puts the table in the place of the one at `service`.
  func install(in maps: borrowing Map, at service: UInt32) throws(BPFError) {
    if let table { try maps.update(service, inner: table.map) }
  }
}
