// SPDX-License-Identifier: MIT
import DataPlane

/// A slot and, while it is unsettled, its transition.
struct SlotState: Hashable {
  var slot: Slot
  var transition: Transition?

  static func settled(_ owner: DestinationIndex) -> SlotState {
    SlotState(slot: .settled(owner: owner), transition: nil)
  }

  /// What becomes of the slot when it gets the owner `new`, who may be the one it has, and some may have gone down.
  ///
  /// Flows that nobody remembers are the oldest owner's: it stays `previous` for as long as it lives, however often the
  /// slot changes hands, for all that came after it have their flows remembered. `since` stays as well, or what was
  /// remembered would not count any more.
  func handedOver(to new: DestinationIndex, now: Tick, isAlive: (DestinationIndex) -> Bool) -> SlotState {
    let old = slot.owner
    var previous = transition?.previous ?? old
    if !isAlive(previous) { previous = isAlive(old) ? old : new }
    if transition == nil && previous == new { return .settled(new) }
    let since = transition?.since ?? now
    let lastOther = old == new ? transition?.lastOther ?? now : now
    return SlotState(
      slot: .unsettled(owner: new), transition: Transition(previous: previous, since: since, lastOther: lastOther))
  }
}
