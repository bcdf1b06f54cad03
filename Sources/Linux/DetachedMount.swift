// SPDX-License-Identifier: MIT
import CLinux
public import SystemPackage

/// A file system that is mounted nowhere: only whoever has this value gets at it, and it is gone with the value.
public struct DetachedMount: ~Copyable, Sendable {
  private let root: OwnedDescriptor

  /// Mounts one of this type, such as `tracefs`. Needs Linux 5.2 and `CAP_SYS_ADMIN`.
  public init(type: String) throws(LinuxError) {
    do throws(LinuxError) {
      let opened = try attempt("mount a file system of type \(type)") { unsafe linux_mount_nowhere(type) }
      root = OwnedDescriptor(owning: FileDescriptor(rawValue: opened))
    } catch {
      throw error.errno == .notPermitted ? error.advised(Capability.sysAdmin.advice) : error
    }
  }

  /// A path of its root, for this process alone and while this value lives.
  public var path: FilePath { FilePath("/proc/self/fd/\(root.rawValue)") }
}
