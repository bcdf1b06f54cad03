// SPDX-License-Identifier: MIT
import BPF
public import Balancing
public import DataPlane

extension KernelEngine {
  func servicesWithTransitions() throws -> Set<UInt32> {
    var found: Set<UInt32> = []
    for entry in try matching().entries.values where try maps[.transitions].lookupInner(entry.index) != nil {
      found.insert(entry.index)
    }
    return found
  }

  private func transitions(ofService index: UInt32) throws(BPFError) -> [UInt32: Transition] {
    guard let table = try maps[.transitions].lookupInner(index) else { return [:] }
    var found: [UInt32: Transition] = [:]
    // Rows of settled slots are zero, but for those that a transition has left behind.
    for (number, transition) in try table.readArray(of: Transition.self).enumerated()
    where transition.since.rawValue != 0 {
      found[UInt32(number)] = transition
    }
    return found
  }

  public func observedTransitions() throws(EngineError) -> [UInt32: [UInt32: Tick]] {
    try attempt("reading transitions") { () throws(BPFError) in
      var observed: [UInt32: [UInt32: Tick]] = [:]
      for index in unsettled { observed[index] = try transitions(ofService: index).mapValues(\.lastOther) }
      return observed
    }
  }

  public func traffic() throws(EngineError) -> [DestinationIndex: TrafficCounter] {
    try attempt("reading traffic") { () throws(BPFError) in
      var traffic: [DestinationIndex: TrafficCounter] = [:]
      for (index, counters) in try maps[.traffic].readArrayPerCPU(of: TrafficCounter.self).enumerated() {
        let total = counters.reduce(TrafficCounter(), +)
        if total.packets != 0 { traffic[DestinationIndex(rawValue: UInt32(index))] = total }
      }
      return traffic
    }
  }

  public func verdicts() throws(EngineError) -> [UInt32: [Verdict: UInt64]] {
    try attempt("reading verdicts") { () throws(BPFError) in
      var verdicts: [UInt32: [Verdict: UInt64]] = [:]
      for (row, counters) in try maps[.verdicts].readArrayPerCPU(of: UInt64.self).enumerated() {
        let total = counters.reduce(0, &+)
        guard total != 0, let verdict = Verdict(rawValue: UInt8(row % Capacity.verdicts)) else { continue }
        verdicts[UInt32(row / Capacity.verdicts), default: [:]][verdict] = total
      }
      return verdicts
    }
  }

  public func flow(hash: UInt64) throws(EngineError) -> Flow? {
    try attempt("reading a flow") { () throws(BPFError) in
      let place = FlowPlace(hash: hash, buckets: Capacity.flowBuckets)
      return try MappedFlows(maps[.flows]).flow(at: place)
    }
  }

  public func flowCounts() throws(EngineError) -> [DestinationIndex: Int] {
    try attempt("counting flows") { () throws(BPFError) in
      try MappedFlows(maps[.flows]).all.countsByDestination
    }
  }

  /// What services are found by, as the maps have it.
  private func matching() throws(BPFError) -> MatchingTables {
    var tables = MatchingTables()
    try maps[.services].forEach(ServiceKey.self, ServiceEntry.self) { tables.services[$0] = $1 }
    try maps[.virtualAddresses].forEach(PrefixKey.self, VirtualAddressEntry.self) {
      tables.virtualAddresses[$0] = $1
    }
    try maps[.portTables].forEach(PortTableKey.self, PortTable.self) { tables.portTables[$0] = $1 }
    if let settings: Settings = try maps[.settings].lookup(0 as UInt32) { tables.settings = settings }
    tables.sourceFilter = SourceFilter(words: try maps[.sourceFilter].readArray())
    return tables
  }

  public func contents() throws(EngineError) -> TableContents {
    try attempt("reading the tables") { () throws(BPFError) in
      var contents = TableContents()
      contents.matching = try matching()
      for (index, destination) in try maps[.destinations].readArray(of: Destination.self).enumerated()
      where destination.serviceIndex != 0 {
        contents.destinations[DestinationIndex(rawValue: UInt32(index))] = destination
      }
      for entry in contents.matching.entries.values {
        contents.slots[entry.index] = try maps[.slots].lookupInner(entry.index)?.readArray(of: Slot.self)
        if unsettled.contains(entry.index) {
          contents.transitions[entry.index] = try transitions(ofService: entry.index)
        }
      }
      return contents
    }
  }

  /// Every place of a table of flows, vacant ones too.
  func rememberedFlows(_ table: DirectorMaps.Table) throws(BPFError) -> [Flow] {
    try MappedFlows(maps[table]).all
  }

  public func forgetFlows(idleFor ticks: UInt32, now: Tick) throws(EngineError) {
    try attempt("forgetting idle flows") { () throws(BPFError) in
      try MappedFlows(maps[.flows]).forget { $0.age(now) > ticks }
    }
  }
}
