// SPDX-License-Identifier: MIT
import Glibc
import SystemPackage

/// A thread that works on its own until somebody waits for its end.
///
/// It starts in the namespaces and with the blocked signals of the thread that makes it.
public struct RunningThread: ~Copyable, @unchecked Sendable {  // A thread's name means the same on every thread.
  private let thread: pthread_t

  /// Starts a thread that runs `body` and ends.
  public init(_ body: @escaping @Sendable () -> Void) throws(LinuxError) {
    try self.init(unchecked: body)
  }

  /// Starts a thread for a body that shares what it uses with somebody who waits for its end.
  init(unchecked body: @escaping () -> Void) throws(LinuxError) {
    var started = pthread_t()
    let work = unsafe Unmanaged.passRetained(Work(body))
    let code = unsafe pthread_create(
      &started, nil,
      { argument in
        if let argument = unsafe argument { unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      unsafe work.release()
      throw LinuxError(operation: "start a thread", errno: Errno(rawValue: code))
    }
    thread = started
  }

  /// Waits for the end of the thread: call it once, and not on the thread itself.
  public consuming func join() {
    pthread_join(thread, nil)
  }

  /// What the thread is to do: a class, because a thread takes one pointer.
  private final class Work {
    let body: () -> Void

    init(_ body: @escaping () -> Void) {
      self.body = body
    }
  }
}
