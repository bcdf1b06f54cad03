// SPDX-License-Identifier: MIT
import SystemPackage

extension FileDescriptor {
  /// Up to `count` bytes from the start of a file.
  func firstBytes(upTo count: Int) throws -> [UInt8] {
    try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, read in
      read = unsafe try self.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// Fills `value` with one record, as signalfd hands them out.
  ///
  /// - Returns: `false` if nothing waits to be read.
  func read<Record: BitwiseCopyable>(into value: inout Record, _ operation: String) throws(LinuxError) -> Bool {
    do throws(LinuxError) {
      _ = try attempting(operation) {
        try unsafe withUnsafeMutableBytes(of: &value) { bytes in try unsafe read(into: bytes) }
      }
      return true
    } catch {
      if error.errno == .wouldBlock { return false }
      throw error
    }
  }
}
