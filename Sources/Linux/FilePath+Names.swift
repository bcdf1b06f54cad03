// SPDX-License-Identifier: MIT
import Glibc
public import SystemPackage

extension FilePath {
  /// What stands in the directory at `path`, in no order, without `.` and `..`.
  public static func names(in path: FilePath) throws(LinuxError) -> [String] {
    guard let directory = unsafe opendir(path.string) else {
      throw LinuxError(operation: "list \(path)", errno: .current)
    }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      names.append(
        unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    return names.filter { $0 != "." && $0 != ".." }
  }
}
