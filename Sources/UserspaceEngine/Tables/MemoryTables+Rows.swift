// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Glibc

// What the control plane reads and writes. An index beyond a table is a mistake of the caller's and stops the process.

// Services and their slots.
extension MemoryTables {
  /// What services are found by.
  borrowing func matching() -> MatchingTables {
    var tables = MatchingTables(settings: unsafe pointers.settings.pointee)
    for (key, entry) in pointers.services.entries() { tables.services[key] = entry }
    for (key, entry) in pointers.virtualAddresses.entries() { tables.virtualAddresses[key] = entry }
    for (key, table) in pointers.portTables.entries() { tables.portTables[key] = table }
    tables.sourceFilter = SourceFilter(
      words: (0..<SourceFilter.wordCount).map { unsafe pointers.sourceFilter[$0] })
    return tables
  }

  /// Makes `key` lead to `value`, or nowhere. `ForwardingState` has refused more than there is room for.
  borrowing func set<Key: TableKey, Value: BitwiseCopyable>(
    _ value: Value?, for key: Key, in table: HashTable<Key, Value>
  ) {
    guard let value else { return table.remove(key) }
    precondition(table.insert(value, for: key), "no room for \(key)")
  }

  borrowing func setSettings(_ settings: Settings) {
    unsafe pointers.settings.pointee = settings
  }

  borrowing func setSourceFilter(_ filter: SourceFilter) {
    for (number, word) in filter.words.enumerated() { unsafe pointers.sourceFilter[number] = word }
  }

  /// Empties the rows of a service that another one is to use: slots, transitions and verdicts.
  borrowing func eraseService(_ index: UInt32) {
    pointers.setHasTransitions(false, service: index)
    unsafe slotRow(of: index).update(repeating: .settled(owner: .nobody))
    guard let first = unsafe pointers.verdict(.sent, ofService: index) else { return }
    unsafe first.update(repeating: 0, count: Capacity.verdicts)
  }

  /// Writes all slots of a service: `slots` are `slotCount` many.
  borrowing func replaceSlots(ofService index: UInt32, with slots: Span<Slot>) {
    precondition(slots.count == slotCount, "a service has \(slotCount) slots")
    unsafe slots.withUnsafeBufferPointer { slots in
      _ = unsafe slotRow(of: index).update(fromContentsOf: slots)
    }
  }

  /// Writes one slot of a service.
  borrowing func setSlot(_ slot: Slot, number: UInt32, ofService index: UInt32) {
    unsafe slotRow(of: index)[Int(number)] = slot
  }

  /// A copy of the slots of a service.
  borrowing func slots(ofService index: UInt32) -> [Slot] { unsafe Array(slotRow(of: index)) }

  private borrowing func slotRow(of index: UInt32) -> UnsafeMutableBufferPointer<Slot> {
    guard let first = unsafe pointers.slot(0, ofService: index) else { preconditionFailure("no service \(index)") }
    return unsafe UnsafeMutableBufferPointer(start: first, count: slotCount)
  }
}

// Transitions: they exist for services that have unsettled slots, and mean something in those slots only.
extension MemoryTables {
  /// Writes what unsettled slots of a service remember, and has it looked at from now on.
  borrowing func setTransitions(
    _ transitions: [(number: UInt32, transition: Transition)], ofService index: UInt32
  ) {
    pointers.setHasTransitions(true, service: index)
    for (number, transition) in transitions {
      unsafe pointers.transition(number, ofService: index)?.pointee = transition
    }
  }

  /// Says that a service has no unsettled slot any more.
  borrowing func removeTransitions(ofService index: UInt32) {
    pointers.setHasTransitions(false, service: index)
  }

  /// What the unsettled slots of a service remember, as the data plane has kept it up to date, by ascending number.
  borrowing func transitions(ofService index: UInt32) -> [(number: UInt32, transition: Transition)] {
    guard pointers.hasTransitions(service: index) else { return [] }
    let slots = unsafe slotRow(of: index)
    return slots.indices.compactMap { number in
      guard unsafe !slots[number].isSettled,
        let transition = unsafe pointers.transition(UInt32(number), ofService: index)
      else { return nil }
      return (UInt32(number), unsafe transition.pointee)
    }
  }
}

// Destinations and flows.
extension MemoryTables {
  borrowing func destination(_ index: DestinationIndex) -> Destination { unsafe destinationRow(index).pointee }

  borrowing func setDestination(_ destination: Destination, at index: DestinationIndex) {
    unsafe destinationRow(index).pointee = destination
  }

  /// Makes the row of a destination as if nobody had ever used it, its traffic counter included.
  borrowing func eraseDestination(_ index: DestinationIndex) {
    unsafe _ = memset(destinationRow(index), 0, MemoryLayout<Destination>.stride)
    unsafe pointers.traffic(index)?.pointee = TrafficCounter()
  }

  private borrowing func destinationRow(_ index: DestinationIndex) -> UnsafeMutablePointer<Destination> {
    guard let row = unsafe pointers.destination(index) else {
      preconditionFailure("no destination \(index.rawValue)")
    }
    return unsafe row
  }

  /// Forgets the flows and fragments that `isForgotten`, such as those of servers that are gone.
  borrowing func forgetFlows(where isForgotten: (Flow) -> Bool) {
    pointers.flows.forget(where: isForgotten)
    pointers.fragments.forget(where: isForgotten)
  }
}

// Counters.
extension MemoryTables {
  /// What was sent to a destination since its row was last erased.
  borrowing func traffic(of index: DestinationIndex) -> TrafficCounter {
    unsafe pointers.traffic(index)?.pointee ?? TrafficCounter()
  }

  /// How many packets of a service (0: of none) got each verdict, since its row was last erased. `sent` is not counted.
  borrowing func verdicts(ofService index: UInt32) -> [Verdict: UInt64] {
    var counts: [Verdict: UInt64] = [:]
    for verdict in Verdict.allCases {
      if let count = unsafe pointers.verdict(verdict, ofService: index)?.pointee, count > 0 { counts[verdict] = count }
    }
    return counts
  }
}
