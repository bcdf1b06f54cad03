// SPDX-License-Identifier: MIT
import Glibc
package import Health

extension Timestamp {
  /// By this host's clock.
  package static var now: Timestamp {
    var time = timespec()
    // Fails only for a clock that does not exist.
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
