// SPDX-License-Identifier: MIT
import CLinux
import Glibc

/// The time that all threads of this process have spent on CPUs, in this program or for it in the kernel. The corresponding
/// C constant is `CLOCK_PROCESS_CPUTIME_ID`.
public enum ProcessClock {
  /// For how long `body`, and what other threads did meanwhile, kept CPUs busy.
  public static func measure<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) -> Duration {
    let start = now
    try body()
    return now - start
  }

  private static var now: Duration {
    var time = timespec()
    // Fails only for a clock that does not exist; this one does since Linux 2.6.12.
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
