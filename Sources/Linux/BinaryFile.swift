// SPDX-License-Identifier: MIT
public import SystemPackage

extension [UInt8] {
  /// All bytes of the file at `path`.
  public init(contentsOf path: FilePath) throws(LinuxError) {
    self = try attempting("read \(path)") {
      let file = OwnedDescriptor(owning: try FileDescriptor.open(path, .readOnly, options: .closeOnExec))
      var bytes: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = unsafe try chunk.withUnsafeMutableBytes { buffer in unsafe try file.borrowed.read(into: buffer) }
        if count == 0 { return bytes }
        bytes += chunk[..<count]
      }
    }
  }

  /// Writes the bytes to the file at `path`, over what it held.
  public func write(to path: FilePath) throws(LinuxError) {
    try attempting("write \(path)") {
      let file = OwnedDescriptor(
        owning: try FileDescriptor.open(
          path, .writeOnly, options: [.create, .truncate, .closeOnExec],
          permissions: [.ownerReadWrite, .groupRead, .otherRead]))
      _ = try file.borrowed.writeAll(self)
    }
  }
}
