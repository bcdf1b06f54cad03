// SPDX-License-Identifier: MIT
import Glibc
import SystemPackage

/// A kernel setting under `/proc/sys`; those under `net/` belong to the network namespace of the calling thread.
public struct Sysctl: Hashable, Sendable, CustomStringConvertible {
  /// The path below `/proc/sys`, such as `net/ipv4/conf/eth0.7/rp_filter`. Slashes, since link names may hold dots.
  public let path: String

  public init(_ path: String) {
    self.path = path
  }

  public var description: String { path }

  /// The value without the newline at its end.
  public func read() throws(LinuxError) -> String {
    let bytes = try attempting("read kernel setting \(path)") {
      try open(.readOnly) { file in try file.firstBytes(upTo: 4096) }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.last == "\n" ? String(text.dropLast()) : text
  }

  /// Sets the value, for this boot.
  public func write(_ value: some CustomStringConvertible & Sendable) throws(LinuxError) {
    do throws(LinuxError) {
      try attempting("set kernel setting \(path) to \(value)") {
        try open(.writeOnly) { file in _ = try file.writeAll(value.description.utf8) }
      }
    } catch {
      throw error.errno == .permissionDenied ? error.advised(Capability.netAdmin.advice) : error
    }
  }

  private func open<Result>(
    _ mode: FileDescriptor.AccessMode, _ body: (FileDescriptor) throws -> Result
  ) throws -> Result {
    let file = OwnedDescriptor(
      owning: try FileDescriptor.open(FilePath("/proc/sys/\(path)"), mode, options: .closeOnExec))
    return try body(file.borrowed)
  }
}
