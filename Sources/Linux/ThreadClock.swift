// SPDX-License-Identifier: MIT
import CLinux
import Glibc

/// The time that the calling thread has spent on a CPU, in this program or for it in the kernel: what other processes do
/// meanwhile does not count. The corresponding C constant is `CLOCK_THREAD_CPUTIME_ID`.
public enum ThreadClock {
  /// How long `body` kept the calling thread's CPU busy.
  public static func measure<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) -> Duration {
    let start = now
    try body()
    return now - start
  }

  private static var now: Duration {
    var time = timespec()
    // Fails only for a clock that does not exist; this one does since Linux 2.6.12.
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
