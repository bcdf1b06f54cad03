// SPDX-License-Identifier: MIT
internal import CLinux
internal import Glibc
internal import SystemPackage

/// A directory in a BPF file system, where pins keep maps, programs and links alive.
public struct BPFFileSystem: Sendable {
  /// Where a system has its BPF file system.
  public static let usualPath = "/sys/fs/bpf"

  public let path: String

  /// The directory at `path`, which must be in a BPF file system.
  public init(at path: String = usualPath) throws(BPFError) {
    guard try Self.isMounted(at: path) else {
      throw BPFError(
        "using \(path) for pins", .invalidArgument,
        hint: "it is not in a BPF file system: mount one with 'mount -t bpf bpf \(path)'")
    }
    self.path = path
  }

  /// Whether `path` is in a BPF file system.
  public static func isMounted(at path: String) throws(BPFError) -> Bool {
    var status = statfs()
    guard unsafe statfs(path, &status) == 0 else { throw failure("looking at \(path)") }
    return UInt64(truncatingIfNeeded: status.f_type) & 0xffff_ffff == UInt64(BPF_FS_MAGIC)
  }

  /// Mounts a BPF file system at the existing directory `path`, visible to root alone. Needs CAP_SYS_ADMIN.
  public static func mount(at path: String) throws(BPFError) -> BPFFileSystem {
    guard unsafe Glibc.mount("bpf", path, "bpf", 0, "mode=0700") == 0 else {
      throw failure("mounting a BPF file system at \(path)", permission: "CAP_SYS_ADMIN")
    }
    return try BPFFileSystem(at: path)
  }

  /// Unmounts what is mounted at `path`. Pins in it are gone once nobody uses the mount.
  public static func unmount(at path: String) throws(BPFError) {
    guard unsafe umount2(path, CInt(MNT_DETACH)) == 0 else {
      throw failure("unmounting \(path)", permission: "CAP_SYS_ADMIN")
    }
  }

  /// Where `name` is, or would be. The kernel allows no dots in `name`.
  public func path(of name: String) -> String { "\(path)/\(name)" }

  /// Fills a directory of pins and makes it visible as `name` in one step, in place of an older one of that name.
  ///
  /// `fill` is given the path of a directory that is not visible as `name` yet. Whoever opens pins by name finds all
  /// the old ones or all the new ones; when `fill` throws, nothing has changed. Only one publisher of a name may be at
  /// work: what another one has left half done is removed.
  public func publish(_ name: String, _ fill: (String) throws(BPFError) -> Void) throws(BPFError) {
    let temporary = path(of: Self.unfinished(name))
    try Self.removeTree(temporary)
    guard unsafe mkdir(temporary, 0o700) == 0 else { throw Self.failure("creating \(temporary)") }
    do throws(BPFError) {
      try fill(temporary)
      try reveal(temporary, as: name)
    } catch {
      try? Self.removeTree(temporary)
      throw error
    }
    // Holds the older pins now, if there were any.
    try Self.removeTree(temporary)
  }

  /// What ``publish(_:_:)`` calls the directory until it is full; it stays behind where the process is killed.
  public static func unfinished(_ name: String) -> String { "\(name)_new" }

  private func reveal(_ temporary: String, as name: String) throws(BPFError) {
    let target = path(of: name)
    let exists = unsafe access(target, F_OK) == 0
    let result = unsafe exists ? culvert_exchange_paths(temporary, target) : rename(temporary, target)
    guard result == 0 else { throw Self.failure("renaming \(temporary) to \(target)") }
  }

  /// Removes the pin or the directory of pins called `name`, if there is one. What was pinned lives on as long as
  /// somebody uses it.
  public func remove(_ name: String) throws(BPFError) {
    try Self.removeTree(path(of: name))
  }

  /// The pins and directories here, sorted. Names with dots are left out: those are the kernel's own.
  public func names() throws(BPFError) -> [String] {
    try Self.entries(of: path).filter { !$0.contains(".") }
  }
}

extension BPFFileSystem {
  private static func removeTree(_ path: String) throws(BPFError) {
    if unsafe unlink(path) == 0 || errno == ENOENT { return }
    guard [EISDIR, EPERM].contains(errno) else { throw failure("removing \(path)") }
    for name in try entries(of: path) { try removeTree("\(path)/\(name)") }
    guard unsafe rmdir(path) == 0 else { throw failure("removing \(path)") }
  }

  private static func entries(of path: String) throws(BPFError) -> [String] {
    guard let directory = unsafe opendir(path) else { throw failure("reading \(path)") }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { unsafe String(kernelName: $0) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private static func failure(_ operation: String, permission: String? = nil) -> BPFError {
    let error = Errno(rawValue: errno)
    guard let permission, error == .notPermitted else { return BPFError(operation, error) }
    return BPFError(operation, error, hint: "run as root, or with the capability \(permission)")
  }
}
