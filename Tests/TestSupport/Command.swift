// SPDX-License-Identifier: MIT
import Glibc

/// A program that ended with another status than 0.
public struct CommandFailure: Error, CustomStringConvertible {
  public let description: String

  public init(description: String) {
    self.description = description
  }
}

/// Runs `program` in the calling thread's network namespace and gives what it wrote to standard output.
///
/// - Throws: ``CommandFailure`` when it cannot be started or ends with another status than 0. Its standard error is the
///   test's own.
@discardableResult
public func run(_ program: String, _ arguments: String...) throws -> String {
  var ends: [CInt] = [0, 0]
  guard pipe(&ends) == 0 else { throw CommandFailure(description: "cannot make a pipe: errno \(errno)") }
  ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
  defer { close(ends[0]) }
  let process = try spawn([program] + arguments, output: ends[1])
  let output = readAll(ends[0])
  var status: CInt = 0
  while waitpid(process, &status, 0) == -1, errno == EINTR {}
  guard status == 0 else {
    throw CommandFailure(description: "\(program) \(arguments.joined(separator: " ")) ended with status \(status)")
  }
  return output
}

/// Starts a program with `output` as its standard output, and closes our copy of it.
private func spawn(_ words: [String], output: CInt) throws -> pid_t {
  defer { close(output) }
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
  var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
  defer { arguments.forEach { free($0) } }
  var process: pid_t = 0
  let code = posix_spawnp(&process, words[0], &actions, nil, &arguments, environ)
  guard code == 0 else { throw CommandFailure(description: "cannot start \(words[0]): errno \(code)") }
  return process
}

private func readAll(_ descriptor: CInt) -> String {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
    bytes += buffer[..<count]
  }
}
