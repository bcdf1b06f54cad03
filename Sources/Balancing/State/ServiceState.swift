// SPDX-License-Identifier: MIT
import DataPlane
import Wire

/// What the tables hold of one service.
struct ServiceState: Sendable {
  var entry: ServiceEntry
  var name: String?
  /// Whether packets are refused, and not dropped, while nobody serves.
  var refusesUnserved = false
  /// Until the configuration is known, nothing settles and nobody's deadline passes.
  var idleTimeout: UInt32 = .max / 2
  var drainTimeout: UInt32 = .max / 2
  /// Every server that has a row for this service, by its mapped address.
  var destinations: [IPv6Address: DestinationIndex] = [:]
  /// Who the owners of the slots were computed from; nil where that is not known.
  var members: [MaglevTable.Member]?
  private(set) var slots: [Slot]
  /// Of the unsettled slots.
  private(set) var transitions: [UInt32: Transition] = [:]
  /// Counts the exchanges of the transition table. What settles is not one: see `TableUpdate`.
  private(set) var transitionsRevision = 0

  init(entry: ServiceEntry, slotCount: Int) {
    self.entry = entry
    self.slots = Array(repeating: .settled(owner: .nobody), count: slotCount)
  }

  /// Takes over what a data plane holds, if it is a table at all. An unsettled slot without transition is forwarded as a settled one.
  mutating func restore(_ slots: [Slot], _ transitions: [UInt32: Transition]) {
    let limit = Capacity.destinations
    guard slots.count == self.slots.count, slots.allSatisfy({ $0.owner.rawValue < limit }) else { return }
    self.transitions = transitions.filter { number, transition in
      number < slots.count && !slots[Int(number)].isSettled && transition.previous.rawValue < limit
    }
    self.slots = slots.enumerated().map { number, slot in
      self.transitions[UInt32(number)] == nil ? .settled(owner: slot.owner) : slot
    }
  }

  /// Gives every slot the owner that `table` says, or goes through the slots for the sake of those who went down.
  mutating func assign(_ table: MaglevTable?, now: Tick, alive: Set<DestinationIndex>) {
    let owners = table.map(ownerOfEachSlot)
    let living = DestinationSet(alive)
    var transitions = self.transitions
    for number in slots.indices {
      let slot = slots[number]
      let owner = owners?[number] ?? slot.owner
      if slot.isSettled && slot.owner == owner { continue }
      let key = UInt32(truncatingIfNeeded: number)
      let before = SlotState(slot: slot, transition: slot.isSettled ? nil : transitions[key])
      let after =
        entry.tracksTransitions
        ? before.handedOver(to: owner, now: now, isAlive: living.contains) : SlotState.settled(owner)
      if after.slot != slot { slots[number] = after.slot }
      if after.transition != before.transition { transitions[key] = after.transition }
    }
    exchange(transitions, now: now)
  }

  private func ownerOfEachSlot(_ table: MaglevTable) -> [DestinationIndex] {
    guard !table.owners.isEmpty else { return Array(repeating: .nobody, count: slots.count) }
    let members = table.members.map { destinations[$0.identity] ?? .nobody }
    return table.owners.map { members[Int($0)] }
  }

  /// What the data plane notes in the old table after it was last read is lost with it. So in the new one nobody has been
  /// idle yet.
  private mutating func exchange(_ new: [UInt32: Transition], now: Tick) {
    guard new != transitions else { return }
    transitions = new.mapValues { transition in
      Transition(previous: transition.previous, since: transition.since, lastOther: max(transition.lastOther, now))
    }
    transitionsRevision += 1
  }

  /// Takes over what the data plane noted.
  mutating func merge(observed: [UInt32: Tick]) {
    for (number, lastOther) in observed {
      guard let transition = transitions[number], transition.lastOther < lastOther else { continue }
      transitions[number]?.lastOther = lastOther
    }
  }

  /// Settles the slots in which only the owner was sent anything for longer than the idle timeout.
  ///
  /// And two ticks more: a packet may have come within a tick after the time that an exchange notes, and another since
  /// the tables were read.
  mutating func settle(now: Tick) {
    let quiet = transitions.filter { now > $0.value.lastOther.advanced(by: idleTimeout).advanced(by: 2) }
    for number in quiet.keys {
      slots[Int(number)] = .settled(owner: slots[Int(number)].owner)
      transitions[number] = nil
    }
  }

  /// Unsettled slots in which flows of a destination may still live: those whose older flows are its, or if there is none
  /// those that are unsettled since before it stopped serving.
  func remainingSlots(of index: DestinationIndex, _ lifecycle: Lifecycle) -> Int {
    guard case .draining(let since, _) = lifecycle else { return 0 }
    let previous = transitions.values.count { $0.previous == index }
    return previous > 0 ? previous : transitions.values.count { $0.since <= since }
  }

  /// Whether flows may live on a destination that stopped serving at `point`: while a slot is unsettled since before.
  ///
  /// They need not be the flows of a `previous`: a destination that owned an unsettled slot for a while has flows there
  /// that are remembered one by one, though no slot and no transition may name it any more.
  func mayHoldFlows(ofServerUntil point: Tick) -> Bool {
    transitions.values.contains { $0.since <= point }
  }
}
