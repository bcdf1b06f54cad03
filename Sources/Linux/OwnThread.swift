// SPDX-License-Identifier: MIT

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
      try RunningThread(unchecked: { result = Result(catching: body) }).join()
    }
    guard let result else { preconditionFailure("the thread ended without a result") }
    return try result.get()
  }
}
