// SPDX-License-Identifier: MIT
public import Glibc
public import SystemPackage

/// A lock that one process at a time may hold, on a file, flock(2). Given up when the owner goes, even by a crash.
public struct FileLock: ~Copyable, Sendable {
  private let descriptor: OwnedDescriptor

  /// Takes the lock at once or not at all, and writes the process's number into the file.
  ///
  /// The file is made if it is missing, and stays: removing it would let two processes lock two files of one name.
  ///
  /// - Throws: ``LinuxError`` with `.wouldBlock`, naming the process that holds the lock.
  public init(path: FilePath) throws(LinuxError) {
    let operation = "lock \"\(path)\""
    let owned = OwnedDescriptor(
      owning: try attempting(operation) {
        try FileDescriptor.open(
          path, .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite, .groupRead, .otherRead])
      })
    do throws(LinuxError) {
      _ = try attempt(operation) { flock(owned.rawValue, LOCK_EX | LOCK_NB) }
    } catch {
      throw error.errno == .wouldBlock ? error.advised("held by process \(Self.holder(owned.borrowed))") : error
    }
    try attempting(operation) {
      try owned.borrowed.resize(to: 0)
      _ = try owned.borrowed.writeAll("\(getpid())\n".utf8)
    }
    descriptor = owned
  }

  /// The process that holds the lock on the file at `path`, as `/proc/locks` has it; nil if nobody does.
  public static func holder(at path: FilePath) -> pid_t? {
    var status = stat()
    guard unsafe stat(path.string, &status) == 0, let locks = try? TextFile.read("/proc/locks") else { return nil }
    let inode = ":\(status.st_ino)"
    for line in locks.split(separator: "\n") {
      // 1: FLOCK  ADVISORY  WRITE 4711 00:1a:1234 0 EOF
      let fields = line.split(separator: " ")
      if fields.count > 5, fields[1] == "FLOCK", fields[5].hasSuffix(inode) { return pid_t(fields[4]) }
    }
    return nil
  }

  private static func holder(_ file: FileDescriptor) -> String {
    let text = String(decoding: (try? file.firstBytes(upTo: 16)) ?? [], as: UTF8.self).filter(\.isNumber)
    return text.isEmpty ? "unknown" : text
  }
}
