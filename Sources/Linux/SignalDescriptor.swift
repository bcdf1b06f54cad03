// SPDX-License-Identifier: MIT
import CLinux
import Glibc
public import SystemPackage

/// A signal by its number, signal(7).
public struct Signal: RawRepresentable, Hashable, Sendable {
  public let rawValue: CInt

  public init(rawValue: CInt) {
    self.rawValue = rawValue
  }

  /// Stop in an orderly way. The corresponding C constant is `SIGTERM`.
  public static var terminate: Self { Self(rawValue: SIGTERM) }
  /// Control-C. The corresponding C constant is `SIGINT`.
  public static var interrupt: Self { Self(rawValue: SIGINT) }
  /// Read the configuration again. The corresponding C constant is `SIGHUP`.
  public static var hangup: Self { Self(rawValue: SIGHUP) }
  /// The corresponding C constant is `SIGUSR1`.
  public static var user1: Self { Self(rawValue: SIGUSR1) }
}

/// Signals as something to read, signalfd(2), instead of something that interrupts.
public struct SignalDescriptor: ~Copyable, Sendable {
  private let descriptor: OwnedDescriptor

  /// Blocks `signals` for the calling thread, and threads it starts later, and collects them here.
  ///
  /// Make it before the first other thread is started: a thread that does not block them would take them.
  public init(_ signals: [Signal]) throws(LinuxError) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal.rawValue) }
    let code = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    guard code == 0 else { throw LinuxError(operation: "block signals", errno: Errno(rawValue: code)) }
    let flags = CInt(SFD_CLOEXEC | SFD_NONBLOCK)
    let opened = try attempt("open a signal descriptor") { unsafe signalfd(-1, &set, flags) }
    descriptor = OwnedDescriptor(owning: FileDescriptor(rawValue: opened))
  }

  /// Readable when a signal waits; on loan.
  public var borrowed: FileDescriptor { descriptor.borrowed }

  /// The next signal that waits, or `nil`; does not block.
  public borrowing func next() throws(LinuxError) -> Signal? {
    var info = signalfd_siginfo()
    guard try descriptor.borrowed.read(into: &info, "read a signal") else { return nil }
    return Signal(rawValue: CInt(info.ssi_signo))
  }
}
