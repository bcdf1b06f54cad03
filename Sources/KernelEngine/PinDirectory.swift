// SPDX-License-Identifier: MIT
public import BPF

/// Where one director or real server keeps its maps and its link alive: a directory in a BPF file system.
public struct PinDirectory: Sendable {
  private let fileSystem: BPFFileSystem
  private let name: String

  /// The directory for `interface` below `root`, which is in a BPF file system; `role` keeps directors and real servers
  /// on the same interface apart.
  public init(root: BPFFileSystem, role: Role, interface: String) {
    fileSystem = root
    // The kernel keeps dots for itself.
    name = "culvert_\(role.rawValue)_\(String(interface.map { $0 == "." ? "_" : $0 }))"
  }

  /// Who keeps pins.
  public enum Role: String, Sendable {
    case director
    case real
    case pass
  }

  public var path: String { fileSystem.path(of: name) }

  /// Where pins are that a killed process was about to keep.
  var unfinishedPath: String { fileSystem.path(of: BPFFileSystem.unfinished(name)) }

  /// Whether anything is kept.
  var exists: Bool { (try? fileSystem.names().contains(name)) ?? false }

  /// Replaces what is kept, in one step, by what `fill` pins in the directory it is given.
  func publish(_ fill: (String) throws(BPFError) -> Void) throws(BPFError) {
    try fileSystem.publish(name, fill)
  }

  /// Lets go of all that is kept.
  public func remove() throws(BPFError) {
    try removeUnfinished()
    try fileSystem.remove(name)
  }

  /// Lets go of what a killed process was about to keep.
  func removeUnfinished() throws(BPFError) {
    try fileSystem.remove(BPFFileSystem.unfinished(name))
  }
}
