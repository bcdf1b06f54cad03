// SPDX-License-Identifier: MIT
import Glibc
public import SystemPackage

/// Small text files, read and written as a whole.
public enum TextFile {
  /// The text of the file at `path`, such as a configuration or a file of `/proc`.
  public static func read(_ path: FilePath) throws(LinuxError) -> String {
    String(decoding: try [UInt8](contentsOf: path), as: UTF8.self)
  }

  /// Replaces the file at `path` in one step, also over a crash: whoever reads it sees the old text or the new one.
  public static func replace(_ path: FilePath, with text: String) throws(LinuxError) {
    let fresh = FilePath("\(path).new")
    try attempting("write \(path)") {
      let file = OwnedDescriptor(
        owning: try FileDescriptor.open(
          fresh, .writeOnly, options: [.create, .truncate, .closeOnExec],
          permissions: [.ownerReadWrite, .groupRead, .otherRead]))
      _ = try file.borrowed.writeAll(text.utf8)
      guard fsync(file.rawValue) == 0 else { throw Errno.current }
    }
    _ = try attempt("replace \(path)") { unsafe rename(fresh.string, path.string) }
  }
}
