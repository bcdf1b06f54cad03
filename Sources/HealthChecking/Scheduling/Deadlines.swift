// SPDX-License-Identifier: MIT

/// A queue of what is to be done when: a binary heap, the earliest on top.
struct Deadlines<Element> {
  private var entries: [(moment: Instant, element: Element)] = []

  /// When the first one is due.
  var first: Instant? { entries.first?.moment }

  mutating func add(_ element: Element, at moment: Instant) {
    entries.append((moment, element))
    var child = entries.count - 1
    while child > 0, entries[child].moment < entries[(child - 1) / 2].moment {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// The earliest one that is due at `now`, and takes it out.
  mutating func next(dueAt now: Instant) -> (moment: Instant, element: Element)? {
    guard let first = entries.first, first.moment <= now else { return nil }
    entries.swapAt(0, entries.count - 1)
    entries.removeLast()
    sink()
    return first
  }

  private mutating func sink() {
    var parent = 0
    while true {
      let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < entries.count }
      guard let child = children.min(by: { entries[$0].moment < entries[$1].moment }),
        entries[child].moment < entries[parent].moment
      else { return }
      entries.swapAt(parent, child)
      parent = child
    }
  }
}
