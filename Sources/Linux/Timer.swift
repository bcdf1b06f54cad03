// SPDX-License-Identifier: MIT
import CLinux
import Glibc
public import SystemPackage

/// A periodic timer to wait for with a ``Poller``, timerfd_create(2). It stands still while the machine sleeps.
public struct Timer: ~Copyable, Sendable {
  private let descriptor: OwnedDescriptor

  /// Expires first after `interval`, then each `interval`. Zero or less counts as one nanosecond: 0 would never expire.
  public init(every interval: Duration) throws(LinuxError) {
    let flags = CInt(TFD_CLOEXEC | TFD_NONBLOCK)
    let opened = try attempt("open a timer") { timerfd_create(CLOCK_MONOTONIC, flags) }
    let owned = OwnedDescriptor(owning: FileDescriptor(rawValue: opened))
    let period = timespec(max(interval, .nanoseconds(1)))
    var setting = itimerspec(it_interval: period, it_value: period)
    _ = try attempt("start a timer of \(interval)") { unsafe timerfd_settime(owned.rawValue, 0, &setting, nil) }
    descriptor = owned
  }

  /// Readable when the timer has expired; on loan.
  public var borrowed: FileDescriptor { descriptor.borrowed }

  /// How often the timer has expired since the last call; does not block.
  public borrowing func expirations() throws(LinuxError) -> UInt64 {
    var count: UInt64 = 0
    return try descriptor.borrowed.read(into: &count, "read a timer") ? count : 0
  }
}

extension timespec {
  fileprivate init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self.init(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
  }
}
