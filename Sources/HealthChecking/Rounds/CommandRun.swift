// SPDX-License-Identifier: MIT
import CLinux
import Glibc
import Health
import Linux
import SystemPackage

/// A program that a check runs: never waited for, but looked after when one of its descriptors can be read.
final class CommandRun {
  private let process: pid_t
  private let descriptor: OwnedDescriptor
  private let output: OwnedDescriptor
  /// The beginning of what it has written.
  private var text: [UInt8] = []
  /// Whether it may write more.
  private var hasMore = true
  /// Whether it has ended, and the kernel has forgotten it.
  private(set) var isOver = false

  /// Of the first line, for people.
  private static let textLimit = 200

  /// Starts the program, in a process group of its own and in the network namespace of the calling thread, with these
  /// variables besides this process's own.
  init(_ words: [String], variables: [String: String]) throws(LinuxError) {
    let program = words.first ?? ""
    var ends: [CInt] = [0, 0]
    _ = try attempt("run \(program)") { unsafe linux_output_pipe(&ends) }
    output = OwnedDescriptor(owning: FileDescriptor(rawValue: ends[0]))
    let writer = OwnedDescriptor(owning: FileDescriptor(rawValue: ends[1]))
    let process = try Self.start(program, words, variables, output: writer.rawValue)
    self.process = process
    do throws(LinuxError) {
      let opened = try attempt("watch \(program)") { linux_process_descriptor(process) }
      descriptor = OwnedDescriptor(owning: FileDescriptor(rawValue: opened))
    } catch {
      kill(-process, SIGKILL)
      waitpid(process, nil, 0)
      throw error
    }
  }

  /// What to wait for, on loan.
  var descriptors: [FileDescriptor] { hasMore ? [descriptor.borrowed, output.borrowed] : [descriptor.borrowed] }

  /// Reads what is there, so that the program need not wait either, and keeps the beginning.
  func readOutput() {
    while hasMore, let part = nextPart() {
      hasMore = !part.isEmpty
      text += part.prefix(Self.textLimit - text.count)
    }
  }

  /// Nothing at the end; nil where more may come.
  private func nextPart() -> [UInt8]? {
    try? unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      count = unsafe try output.borrowed.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// What the end of the program says; nil while it runs.
  func ending() -> Result<Void, CheckFailure>? {
    var status: CInt = 0
    guard !isOver, unsafe waitpid(process, &status, WNOHANG) == process else { return nil }
    isOver = true
    readOutput()
    guard status != 0 else { return .success(()) }
    let signal = status & 0x7F
    let reason = signal == 0 ? "exit status \(status >> 8 & 0xFF)" : "ended by signal \(signal)"
    return .failure(CheckFailure(.command, reason + (firstLine.isEmpty ? "" : ": \(firstLine)")))
  }

  /// Ends the program, and what it has started.
  func end() {
    if !isOver { kill(-process, SIGKILL) }
  }

  private var firstLine: String {
    String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  private static func start(
    _ program: String, _ words: [String], _ variables: [String: String], output: CInt
  ) throws(LinuxError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for stream in [STDOUT_FILENO, STDERR_FILENO] { unsafe posix_spawn_file_actions_adddup2(&actions, output, stream) }
    var attributes = freshAttributes()
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    var environment = unsafe (inherited + variables.map { "\($0.key)=\($0.value)" }).map { unsafe strdup($0) } + [nil]
    defer { unsafe (arguments + environment).forEach { unsafe free($0) } }
    var process: pid_t = 0
    let code = unsafe posix_spawnp(&process, program, &actions, &attributes, &arguments, &environment)
    guard code == 0 else { throw LinuxError(operation: "run \(program)", errno: Errno(rawValue: code)) }
    return process
  }

  /// A process group of its own, and signals as they are by themselves: this process may block some.
  private static func freshAttributes() -> posix_spawnattr_t {
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigfillset(&signals)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    return attributes
  }

  private static var inherited: [String] {
    var strings: [String] = []
    var next = unsafe environ
    while let string = unsafe next.pointee {
      strings.append(unsafe String(cString: string))
      unsafe next += 1
    }
    return strings
  }
}
