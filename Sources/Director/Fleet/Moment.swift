// SPDX-License-Identifier: MIT
import Glibc
import Health

/// Now, by the clock that people read and by the one that never jumps.
struct Moment: Hashable {
  var timestamp: Timestamp
  var instant: ContinuousClock.Instant

  static var now: Moment { Moment(timestamp: .now, instant: .now) }
}

extension Timestamp {
  static var now: Timestamp {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
