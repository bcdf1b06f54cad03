// SPDX-License-Identifier: MIT
public import BPF
import Glibc
import SystemPackage

extension BPFFileSystem {
  /// The BPF file system at `path`, mounted there first where the directory exists and is none yet.
  ///
  /// - Parameters:
  ///   - path: An existing directory.
  ///   - report: Gets the command for what is mounted, if anything is.
  /// - Returns: The file system.
  /// - Throws: ``BPFError`` also where the mount would go with this process, and all pins with it.
  public static func prepared(
    at path: String = usualPath, report: (String) -> Void = { _ in }
  ) throws(BPFError) -> BPFFileSystem {
    if try isMounted(at: path) { return try BPFFileSystem(at: path) }
    guard !hasOwnMounts else {
      throw BPFError(
        "mounting a BPF file system at \(path)", .notPermitted,
        hint: """
          mounts of this process are its own and go with it, as under 'ip netns exec': use 'nsenter --net=...', or \
          run 'mount -t bpf bpf \(path)' before it
          """)
    }
    report(mountCommand(at: path))
    return try mount(at: path)
  }

  /// What mounts one at `path`, as shell.
  public static func mountCommand(at path: String) -> String { "mount -t bpf -o mode=0700 bpf \(path)" }

  /// Whether this process sees other mounts than the first process of the system or container.
  private static var hasOwnMounts: Bool {
    var own = stat()
    var first = stat()
    guard unsafe stat("/proc/self/ns/mnt", &own) == 0, unsafe stat("/proc/1/ns/mnt", &first) == 0 else { return false }
    return own.st_ino != first.st_ino
  }
}
