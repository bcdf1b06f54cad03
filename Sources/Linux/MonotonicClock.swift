// SPDX-License-Identifier: MIT
import CLinux
import Glibc

/// Time since boot at the resolution of the scheduler's tick (1 to 10 ms), without a system call.
///
/// It is the clock that BPF programs read with `bpf_ktime_get_coarse_ns`, so both sides may compare their stamps.
/// It stands still while the machine sleeps. The corresponding C constant is `CLOCK_MONOTONIC_COARSE`.
public enum MonotonicClock {
  /// Nanoseconds since boot.
  public static var coarseNanoseconds: UInt64 {
    let now = coarse()
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }

  /// Whole seconds since boot.
  public static var coarseSeconds: UInt32 {
    UInt32(truncatingIfNeeded: coarse().tv_sec)
  }

  private static func coarse() -> timespec {
    var now = timespec()
    // Fails only for a clock that does not exist; this one does since Linux 2.6.32.
    unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &now)
    return now
  }
}
