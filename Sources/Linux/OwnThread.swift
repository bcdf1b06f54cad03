// SPDX-License-Identifier: MIT
import Glibc
import SystemPackage

/// Work on a thread of its own: for calls that change the calling thread for good, such as entering a namespace.
public enum OwnThread {
  /// Runs `body` on a new thread, waits for its end and hands its result or error back.
  ///
  /// The caller is blocked meanwhile, so `body` may use what the caller may use; do not call it on a thread of the
  /// cooperative pool for long work.
  ///
  /// - Throws: what `body` throws, or ``LinuxError`` if no thread could be started.
  public static func run<Success>(_ body: () throws -> Success) throws -> Success {
    var result: Result<Success, any Error>?
    try withoutActuallyEscaping(body) { body in
      try start(Work { result = Result(catching: body) })
    }
    guard let result else { preconditionFailure("the thread ended without a result") }
    return try result.get()
  }

  /// Starts a thread for `work` and waits for its end.
  private static func start(_ work: Work) throws(LinuxError) {
    var thread = pthread_t()
    let retained = unsafe Unmanaged.passRetained(work)
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        if let argument = unsafe argument { unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, retained.toOpaque())
    guard code == 0 else {
      unsafe retained.release()
      throw LinuxError(operation: "start a thread", errno: Errno(rawValue: code))
    }
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
