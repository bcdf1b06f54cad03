// SPDX-License-Identifier: MIT
import CLinux
import Glibc
import SystemPackage

/// Signals that wait while this exists, so that what must not be cut in two can be finished or taken back. Afterwards
/// they have their usual effect.
///
/// Make it, and let it go, on the only thread of the process: another one would take the signals.
public struct HeldSignals: ~Copyable {
  private let held: [Signal]
  private let previous: sigset_t

  /// Control-C, an orderly stop, and a terminal that goes away.
  public static var stops: [Signal] { [.interrupt, .terminate, .hangup] }

  public init(_ signals: [Signal] = stops) throws(LinuxError) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal.rawValue) }
    var previous = sigset_t()
    let code = unsafe pthread_sigmask(SIG_BLOCK, &set, &previous)
    guard code == 0 else { throw LinuxError(operation: "hold signals", errno: Errno(rawValue: code)) }
    self.held = signals
    self.previous = previous
  }

  deinit {
    unsafe withUnsafePointer(to: previous) { previous in _ = unsafe pthread_sigmask(SIG_SETMASK, previous, nil) }
  }

  /// Whether one of them has come.
  public var isAnyPending: Bool {
    var pending = sigset_t()
    guard unsafe sigpending(&pending) == 0 else { return false }
    return held.contains { unsafe sigismember(&pending, $0.rawValue) == 1 }
  }
}
