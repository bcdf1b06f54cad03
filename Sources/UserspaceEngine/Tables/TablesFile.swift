// SPDX-License-Identifier: MIT
import Linux
public import SystemPackage

/// A file that cannot hold this program's tables.
public struct UnusableTables: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: FilePath
  /// What is wrong with it, and what to do.
  public let reason: String

  public var description: String { "cannot use \"\(path)\" as tables: \(reason)" }
}

extension MemoryMapping {
  /// The tables in the file at `path`, which is made if it is missing and takes up room only where it was written.
  ///
  /// Belongs on a tmpfs such as `/run`. One process at a time may write: who opens it holds a lock elsewhere.
  ///
  /// - Throws: ``LinuxError``, or ``UnusableTables`` where the file holds something else; it is left as it is.
  init(tablesFile path: FilePath) throws {
    let file = OwnedDescriptor(
      owning: try attempting("open \"\(path)\"") {
        try FileDescriptor.open(
          path, .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite, .groupRead])
      })
    if try file.borrowed.byteCount(path) == 0 { try file.borrowed.writeHeader(path) }
    try file.borrowed.checkHeader(path)
    if try file.borrowed.byteCount(path) < Self.tablesFileByteCount {
      try attempting("lengthen \"\(path)\"") { try file.borrowed.resize(to: Int64(Self.tablesFileByteCount)) }
    }
    try self.init(file.borrowed, offset: TablesHeader.byteCount, byteCount: TablePointers.byteCount)
  }

  /// The tables in the file at `path`, to look at while another process may be writing them.
  init(tablesToReadAt path: FilePath) throws {
    let file = OwnedDescriptor(
      owning: try attempting("open \"\(path)\"") {
        try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
      })
    try file.borrowed.checkHeader(path)
    guard try file.borrowed.byteCount(path) >= Self.tablesFileByteCount else {
      throw UnusableTables(path: path, reason: "it is too short; start the director once, which completes it")
    }
    try self.init(
      file.borrowed, offset: TablesHeader.byteCount, byteCount: TablePointers.byteCount, access: .readOnly)
  }

  private static var tablesFileByteCount: Int { TablesHeader.byteCount + TablePointers.byteCount }
}

extension FileDescriptor {
  fileprivate func byteCount(_ path: FilePath) throws(LinuxError) -> Int {
    try attempting("measure \"\(path)\"") { Int(try seek(offset: 0, from: .end)) }
  }

  fileprivate func writeHeader(_ path: FilePath) throws(LinuxError) {
    try attempting("write \"\(path)\"") {
      let header = TablesHeader()
      _ = try unsafe withUnsafeBytes(of: header) { bytes in try unsafe writeAll(toAbsoluteOffset: 0, bytes) }
    }
  }

  fileprivate func checkHeader(_ path: FilePath) throws {
    var header = TablesHeader()
    let expected = header
    let count = try attempting("read \"\(path)\"") {
      try unsafe withUnsafeMutableBytes(of: &header) { bytes in try unsafe read(fromAbsoluteOffset: 0, into: bytes) }
    }
    guard count == MemoryLayout<TablesHeader>.size, header.isTables else {
      throw UnusableTables(path: path, reason: "it holds something else; give another path")
    }
    guard header == expected else {
      throw UnusableTables(
        path: path,
        reason: "another version of culvert made it (layout \(header.version), this one has \(expected.version)); "
          + "stop that one and remove the file: flows that began before a change may then break")
    }
  }
}
