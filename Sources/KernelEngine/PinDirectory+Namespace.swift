// SPDX-License-Identifier: MIT
public import BPF
import Linux

extension PinDirectory {
  /// The directory for `interface` of the calling thread's network namespace.
  ///
  /// One BPF file system may serve several network namespaces, each with an `eth0` of its own.
  public static func inThisNamespace(root: BPFFileSystem, role: Role, interface: String) throws -> PinDirectory {
    let namespace = try NetworkNamespace.current().number()
    return PinDirectory(root: root, role: role, interface: "\(interface)_\(namespace)")
  }
}
