// SPDX-License-Identifier: MIT
import DataPlane

extension TableUpdate {
  /// The writes that lead from one state to another, in the order that `TableUpdate` gives reasons for.
  init(from old: ForwardingState, to new: ForwardingState) {
    let rows = Self.rows(from: old, to: new)
    let kept = Self.services(new).filter { old.services[$0.key] != nil }
    let added = Self.services(new).filter { old.services[$0.key] == nil }
    let removed = Self.services(old).filter { new.services[$0.key] == nil }
    var writes = rows.serving
    let changed = Dictionary(uniqueKeysWithValues: kept.map { ($0.value.entry.index, $0.value.entry) })
    let between = old.matching.replacing(changed)
    writes += old.matching.writes(to: between)
    writes += Self.tables(kept + added, old)
    writes += between.writes(to: new.matching)
    writes += removed.map { .removeService($0.value.entry.index) }
    writes += kept.compactMap { key, service in
      guard let before = old.services[key], !before.transitions.isEmpty, service.transitions.isEmpty else { return nil }
      return .removeTransitions(service: service.entry.index)
    }
    writes += rows.down
    if !rows.released.isEmpty { writes.append(.release(rows.released)) }
    self.init(writes: writes)
  }

  private typealias Services = [(key: ServiceMatch, value: ServiceState)]

  /// By ascending index, so that equal changes give equal updates.
  private static func services(_ state: ForwardingState) -> Services {
    state.services.sorted { $0.value.entry.index < $1.value.entry.index }
  }

  /// First all transitions, then all slots.
  private static func tables(_ services: Services, _ old: ForwardingState) -> [TableWrite] {
    let transitions = services.compactMap { key, service -> TableWrite? in
      guard service.transitionsRevision != old.services[key]?.transitionsRevision ?? 0, !service.transitions.isEmpty
      else { return nil }
      return .transitions(service.transitions, service: service.entry.index)
    }
    let slots = services.compactMap { key, service -> TableWrite? in
      old.services[key]?.slots == service.slots ? nil : .slots(service.slots, service: service.entry.index)
    }
    return transitions + slots
  }

  private static func rows(
    from old: ForwardingState, to new: ForwardingState
  ) -> (serving: [TableWrite], down: [TableWrite], released: Set<DestinationIndex>) {
    let changed = new.destinations
      .filter { old.destinations[$0.key]?.row != $0.value.row }
      .sorted { $0.key.rawValue < $1.key.rawValue }
    let released = old.destinations.keys
      .filter { new.destinations[$0] == nil }
      .sorted { $0.rawValue < $1.rawValue }
    let serving = changed.filter(\.value.row.serves).map { TableWrite.destination($0.key, $0.value.row) }
    let down = changed.filter { !$0.value.row.serves }.map { TableWrite.destination($0.key, $0.value.row) }
    return (serving, down + released.map { .destination($0, .vacant) }, Set(released))
  }
}
