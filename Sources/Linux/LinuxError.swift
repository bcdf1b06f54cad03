// SPDX-License-Identifier: MIT
public import SystemPackage

/// A system call that the kernel refused: what was tried, on what, what the kernel said and what to do about it.
public struct LinuxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, to be read after "cannot", such as `open network namespace "/run/netns/a"`.
  public var operation: String
  /// What the kernel answered.
  public var errno: Errno
  /// What to do about it, where that is known.
  public var advice: String?

  public init(operation: String, errno: Errno, advice: String? = nil) {
    self.operation = operation
    self.errno = errno
    self.advice = advice
  }

  public var description: String {
    "cannot \(operation): \(errno)" + (advice.map { " (\($0))" } ?? "")
  }
}

/// Runs a call that answers with -1 and `errno`, again as long as a signal interrupts it.
package func attempt<Result: SignedInteger>(
  _ operation: @autoclosure () -> String, _ call: () -> Result
) throws(LinuxError) -> Result {
  while true {
    let result = call()
    if result != -1 { return result }
    let error = Errno.current
    if error != .interrupted { throw LinuxError(operation: operation(), errno: error) }
  }
}

/// Runs a call of swift-system and says what it was for when it fails.
package func attempting<Result>(
  _ operation: @autoclosure () -> String, _ call: () throws -> Result
) throws(LinuxError) -> Result {
  do {
    return try call()
  } catch {
    // swift-system throws nothing but Errno.
    throw LinuxError(operation: operation(), errno: error as? Errno ?? .invalidArgument)
  }
}

extension LinuxError {
  /// The same error with advice on what to do.
  package func advised(_ advice: String) -> LinuxError {
    LinuxError(operation: operation, errno: errno, advice: advice)
  }
}
