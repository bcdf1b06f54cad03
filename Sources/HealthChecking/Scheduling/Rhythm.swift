// SPDX-License-Identifier: MIT

/// When the rounds of a target start: at its own place in the interval, so that not all start at once, give or take a
/// twentieth, so that two starts are as far apart as the interval, give or take a tenth.
struct Rhythm {
  private let interval: Duration
  /// The middle of the next start.
  private var middle: Instant

  /// New targets start within this time.
  static let firstSpread = Duration.milliseconds(50)

  /// `place` is where in the interval the rounds stand, 0 to 1. The first one starts at once, or nearly so.
  init(interval: Duration, place: Double, from now: Instant, epoch: Instant) {
    self.interval = interval
    first = now + Self.firstSpread * place
    // The first place in the grid that is half an interval away.
    let phase = interval * place
    let passed = (first + interval / 2 - epoch - phase) / interval
    middle = epoch + phase + interval * passed.rounded(.up)
  }

  /// When the first round starts.
  let first: Instant

  /// When the round after the one that started at `now` starts.
  mutating func next(after now: Instant) -> Instant {
    while middle <= now { middle += interval }
    defer { middle += interval }
    return max(middle + interval * .random(in: -0.05...0.05), now)
  }
}
