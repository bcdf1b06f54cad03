// SPDX-License-Identifier: MIT
import Glibc
import SystemPackage

/// A program of the system that this one runs to its end.
public struct ExternalProgram: Hashable, Sendable {
  /// Its name, looked for as the shell does, and where the super-user's programs are.
  public let name: String

  public init(_ name: String) {
    self.name = name
  }

  /// The file of the program that is running.
  public static func thisOne() throws(LinuxError) -> String {
    guard let path = unsafe realpath("/proc/self/exe", nil) else {
      throw LinuxError(operation: "find this program", errno: .current)
    }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }

  /// How it ended.
  public struct Ending: Hashable, Sendable {
    /// The exit status; 128 and more if a signal ended it.
    public let status: Int
    /// What it has said, errors included.
    public let output: String
  }

  /// Where super-users' programs are, which others do not have in their `PATH`.
  private static let path = "/usr/sbin:/sbin:/usr/local/sbin"

  /// The file that would run; nil if there is none.
  public var file: String? {
    let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/bin:/bin"
    let directories = (path + ":" + Self.path).split(separator: ":")
    return directories.map { "\($0)/\(name)" }.first { unsafe access($0, X_OK) == 0 }
  }

  /// Runs it in the network namespace of the calling thread, without a standard input, and waits for its end.
  ///
  /// It has the signal mask of the calling thread.
  public func run(_ arguments: [String]) throws(LinuxError) -> Ending {
    guard let file else { throw LinuxError(operation: "run \(name)", errno: .noSuchFileOrDirectory) }
    let pipe = try attempting("run \(name)") { try FileDescriptor.pipe() }
    let reader = OwnedDescriptor(owning: pipe.readEnd)
    let process: pid_t
    do {
      let writer = OwnedDescriptor(owning: pipe.writeEnd)
      process = try start(file, arguments, output: writer.rawValue, reader: reader.rawValue)
      // Only the program holds it from here on, so that its end is the end of the output.
      _ = consume writer
    }
    let output = String(decoding: try everything(from: reader.borrowed), as: UTF8.self)
    var status: CInt = 0
    _ = try attempt("wait for \(name)") { unsafe waitpid(process, &status, 0) }
    return Ending(status: Int(status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F), output: output)
  }

  private func start(_ file: String, _ arguments: [String], output: CInt, reader: CInt) throws(LinuxError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for stream in [STDOUT_FILENO, STDERR_FILENO] { unsafe posix_spawn_file_actions_adddup2(&actions, output, stream) }
    for descriptor in [output, reader] { unsafe posix_spawn_file_actions_addclose(&actions, descriptor) }
    var words = unsafe ([name] + arguments).map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    var process: pid_t = 0
    let code = unsafe posix_spawn(&process, file, &actions, nil, &words, environ)
    guard code == 0 else { throw LinuxError(operation: "run \(name)", errno: Errno(rawValue: code)) }
    return process
  }

  private func everything(from file: FileDescriptor) throws(LinuxError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let part = try attempting("read what \(name) says") {
        try unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, read in
          read = unsafe try file.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
      }
      if part.isEmpty { return bytes }
      bytes += part
    }
  }
}
