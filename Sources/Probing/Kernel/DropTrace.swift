// SPDX-License-Identifier: MIT
import CLinux
import Glibc
import Linux
import SystemPackage

/// The trace event `skb:kfree_skb` for IP packets, switched on as long as the value lives.
///
/// In an instance of tracefs of its own, so that nobody else's tracing is disturbed, by a mount that nobody else sees.
/// The instance is removed with the value; one that a killed process left behind, by the next one.
struct DropTrace: ~Copyable {
  private let mount: DetachedMount
  private let directory: FilePath
  /// Of a file in the instance: while it is open the kernel does not let anybody remove that.
  private let hold: FileDescriptor

  private static let prefix = "culvert-"
  /// That of the calling thread's instance.
  static var name: String { "\(prefix)\(linux_thread_number())" }
  private static let event = "events/skb/kfree_skb"

  init() throws(LinuxError) {
    let mount = try DetachedMount(type: "tracefs")
    let instances = mount.path.appending("instances")
    Self.removeOrphans(in: instances)
    let directory = instances.appending(Self.name)
    hold = try Self.make(directory)
    self.directory = directory
    self.mount = mount
  }

  deinit {
    try? hold.close()
    _ = unsafe rmdir(directory.string)
  }

  /// What was dropped since the value was made, oldest first.
  func drops() throws(LinuxError) -> [Drop] {
    try TextFile.read(directory.appending("trace")).split(separator: "\n").compactMap { Drop(line: $0) }
  }

  private static func make(_ directory: FilePath) throws(LinuxError) -> FileDescriptor {
    _ = try attempt("make an instance of tracefs") { unsafe mkdir(directory.string, 0o700) }
    do throws(LinuxError) {
      for (file, text) in settings { try Array(text.utf8).write(to: directory.appending(file)) }
      return try attempting("open an instance of tracefs") {
        try FileDescriptor.open(directory.appending("trace_marker"), .writeOnly, options: .closeOnExec)
      }
    } catch {
      _ = unsafe rmdir(directory.string)
      throw error
    }
  }

  private static let settings = [
    ("buffer_size_kb", "256"),
    ("\(event)/filter", "protocol == 0x0800 || protocol == 0x86dd"),
    ("\(event)/enable", "1"),
  ]

  /// Removes instances that nobody holds.
  private static func removeOrphans(in instances: FilePath) {
    let names = (try? FilePath.names(in: instances)) ?? []
    for name in names where name.hasPrefix(prefix) { _ = unsafe rmdir(instances.appending(name).string) }
  }
}
