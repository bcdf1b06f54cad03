// SPDX-License-Identifier: MIT
import Glibc
import SystemPackage

/// A part of the kernel that may be loaded.
public struct KernelModule: Hashable, Sendable {
  /// As modprobe(8) takes it.
  public let name: String

  public init(_ name: String) {
    self.name = name
  }

  /// Whether it is loaded, or the kernel would find it: told by files alone, which need not know of everything that is
  /// built in.
  public var isAvailable: Bool {
    if unsafe access("/sys/module/\(name)", F_OK) == 0 { return true }
    guard let release = try? Sysctl("kernel/osrelease").read() else { return false }
    return ["modules.builtin", "modules.dep"].contains { list in
      guard let text = try? TextFile.read(FilePath("/lib/modules/\(release)/\(list)")) else { return false }
      return text.split(separator: "\n").contains { $0.prefix { $0 != ":" }.contains("/\(name).ko") }
    }
  }
}
