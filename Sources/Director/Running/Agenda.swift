// SPDX-License-Identifier: MIT

/// What is to be done later, each thing once.
struct Agenda {
  private var times: [Chore: ContinuousClock.Instant] = [:]

  /// Something that is done at a time.
  enum Chore: Hashable, CaseIterable {
    /// The kernel told of changes.
    case followPaths
    /// Slots may settle, and ways may have changed that are no events.
    case letTimePass
    /// A slow start goes on.
    case reselect
    /// What has changed is written down and told.
    case write
  }

  /// When the first is due; nil where there is nothing to do.
  var next: ContinuousClock.Instant? { times.values.min() }

  /// Notes a chore; one that is noted already stays where it is if that is earlier.
  mutating func note(_ chore: Chore, at time: ContinuousClock.Instant) {
    times[chore] = min(times[chore] ?? time, time)
  }

  /// Takes out what is due, in the order of the cases.
  mutating func due(_ now: ContinuousClock.Instant) -> [Chore] {
    let due = Chore.allCases.filter { chore in times[chore].map { $0 <= now } ?? false }
    for chore in due { times[chore] = nil }
    return due
  }
}
