// SPDX-License-Identifier: MIT
import Health
import HealthChecking

/// Now, by the clock that people read and by the one that never jumps.
struct Moment: Hashable {
  var timestamp: Timestamp
  var instant: ContinuousClock.Instant

  static var now: Moment { Moment(timestamp: .now, instant: .now) }
}
