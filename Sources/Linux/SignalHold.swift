// SPDX-License-Identifier: MIT
import CLinux
import Glibc

/// Makes signals that would end the process wait while something must not stop half-way.
public struct SignalHold {
  private var previous = sigset_t()
  private let held: [Signal]

  /// Runs `body` while they wait: Control-C, an orderly stop, and a terminal that goes away. Those that came meanwhile
  /// take effect afterwards. A reader who is gone does not end the process either.
  ///
  /// It is about the calling thread: use it while there is no other.
  public static func during<Success>(_ body: (SignalHold) throws -> Success) rethrows -> Success {
    let hold = SignalHold()
    defer { hold.end() }
    return try body(hold)
  }

  private init() {
    held = [.interrupt, .terminate, .hangup].filter(\.endsProcess)
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in held + [.brokenPipe] { unsafe sigaddset(&set, signal.rawValue) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, &previous)
  }

  private func end() {
    var previous = previous
    unsafe pthread_sigmask(SIG_SETMASK, &previous, nil)
  }

  /// A signal that waits, and asks for the end; nil if there is none.
  public var waiting: Signal? {
    var set = sigset_t()
    guard unsafe sigpending(&set) == 0 else { return nil }
    return held.first { unsafe sigismember(&set, $0.rawValue) == 1 }
  }
}

extension Signal {
  /// A reader that is gone. The corresponding C constant is `SIGPIPE`.
  fileprivate static var brokenPipe: Self { Self(rawValue: SIGPIPE) }

  /// Whether it does what signals do by themselves: nobody ignores it, as nohup(1) does, or handles it.
  fileprivate var endsProcess: Bool {
    var action = sigaction()
    guard unsafe sigaction(rawValue, nil, &action) == 0 else { return false }
    return unsafe action.__sigaction_handler.sa_handler == nil
  }
}
