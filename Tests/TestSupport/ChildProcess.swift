// SPDX-License-Identifier: MIT
public import Glibc

/// A program that runs beside the test, in the network namespace of the thread that starts it; killed if it still runs
/// when nobody holds it any more.
public final class ChildProcess {
  public let identifier: pid_t
  private let files = try? TemporaryDirectory()
  /// As waitpid(2) has it, once it is known.
  private var status: CInt?

  /// Starts `program`, by its path or as the shell would find it, without standard input.
  public init(_ program: String, _ arguments: [String]) throws {
    guard let files else { throw CommandFailure(description: "there is no directory for the program's output") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for (descriptor, name) in [(STDOUT_FILENO, "output"), (STDERR_FILENO, "errors")] {
      posix_spawn_file_actions_addopen(&actions, descriptor, files.path(of: name), O_WRONLY | O_CREAT | O_APPEND, 0o600)
    }
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var process: pid_t = 0
    let code = posix_spawnp(&process, program, &actions, nil, &words, environ)
    guard code == 0 else { throw CommandFailure(description: "cannot start \(program): errno \(code)") }
    identifier = process
  }

  deinit {
    guard status == nil else { return }
    kill(identifier, SIGKILL)
    var status: CInt = 0
    while waitpid(identifier, &status, 0) == -1, errno == EINTR {}
  }

  /// What it has written so far.
  public var output: String { text("output") }
  public var errors: String { text("errors") }

  private func text(_ name: String) -> String { String(decoding: files?.read(name) ?? [], as: UTF8.self) }

  public func send(_ signal: CInt) {
    if status == nil { kill(identifier, signal) }
  }

  /// The exit status, or minus the number of the signal that ended it; nil while it runs.
  public var exitStatus: CInt? {
    var now: CInt = 0
    if status == nil, waitpid(identifier, &now, WNOHANG) == identifier { status = now }
    return status.map { $0 & 0x7F == 0 ? $0 >> 8 & 0xFF : -($0 & 0x7F) }
  }

  /// Waits for its end.
  public func end(within limit: Duration = .seconds(60)) throws -> CInt {
    try eventually("the end of process \(identifier), which said \(errors)", within: limit) {
      if exitStatus == nil { rest() }
      return exitStatus
    }
  }

  /// Waits for its end, and gives all that it has written.
  public func ending() throws -> Ending {
    let status = try end()
    return Ending(status: status, output: output, errors: errors)
  }
}

extension ChildProcess {
  /// The program under test, built beside the tests.
  public static var culvertPath: String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &path, path.count)
    let tests = String(decoding: path.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    return tests.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/culvert"
  }

  public static func culvert(_ arguments: [String]) throws -> ChildProcess {
    try ChildProcess(culvertPath, arguments)
  }
}

/// How a program ended, and what it wrote.
public struct Ending: Hashable, Sendable {
  public let status: CInt
  public let output: String
  public let errors: String

  public init(status: CInt, output: String, errors: String) {
    self.status = status
    self.output = output
    self.errors = errors
  }
}

/// Runs `culvert` to its end.
public func culvert(_ arguments: String...) throws -> Ending {
  try ChildProcess.culvert(arguments).ending()
}

/// Lets others run for a moment, between two looks at a condition.
public func rest() {
  poll(nil, 0, 10)
}
