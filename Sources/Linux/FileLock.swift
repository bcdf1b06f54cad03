// SPDX-License-Identifier: MIT
import Glibc
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

  deinit {
    // A program that is being started elsewhere in this process has a copy of the descriptor for a moment.
    flock(descriptor.rawValue, LOCK_UN)
  }

  private static func holder(_ file: FileDescriptor) -> String {
    let text = String(decoding: (try? file.firstBytes(upTo: 16)) ?? [], as: UTF8.self).filter(\.isNumber)
    return text.isEmpty ? "unknown" : text
  }
}
