// SPDX-License-Identifier: MIT
import Glibc
public import Linux
public import SystemPackage

/// What one director keeps in files while it runs: below the state directory, by its network namespace, where several
/// may have an `eth0`, and its interface.
public struct RuntimeDirectory: Sendable {
  public let path: FilePath

  /// The directory of the director on `interface`.
  public init(below stateDirectory: String, interface: String) throws(LinuxError) {
    path = try Self.ofThisNamespace(below: stateDirectory).appending(interface)
  }

  private static func ofThisNamespace(below stateDirectory: String) throws(LinuxError) -> FilePath {
    FilePath(stateDirectory).appending("\(try NetworkNamespace.current().number())")
  }

  /// The configuration that is in force, as it was read.
  var configuration: FilePath { path.appending("configuration.yaml") }
  /// The userspace engine's tables.
  var tables: FilePath { path.appending("tables") }

  /// What is known besides the tables: read by the next run.
  public var state: FilePath { path.appending("state.json") }
  /// The socket to talk to the director.
  public var socket: FilePath { path.appending("socket") }

  /// Makes the directory where it is missing.
  func create() throws(LinuxError) {
    var partial = FilePath(root: path.root, [])
    for component in path.components {
      partial.append(component)
      if unsafe mkdir(partial.string, 0o755) != 0, errno != EEXIST {
        throw LinuxError(operation: "create \(partial)", errno: Errno(rawValue: errno))
      }
    }
  }

  /// Removes what nobody needs any more; what operators said is kept for the next run, if they said anything.
  func clear(keepingState keepsState: Bool) {
    for file in [configuration, tables] + (keepsState ? [] : [state]) { _ = unsafe unlink(file.string) }
    for folder in [path, path.removingLastComponent()] { _ = unsafe rmdir(folder.string) }
  }

  /// The directors that have a directory below `stateDirectory`, by their interfaces.
  public static func interfaces(below stateDirectory: String) throws(LinuxError) -> [String] {
    guard let directory = unsafe opendir(try ofThisNamespace(below: stateDirectory).string) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      let candidate = try RuntimeDirectory(below: stateDirectory, interface: name)
      if !name.hasPrefix("."), unsafe access(candidate.configuration.string, F_OK) == 0 { names.append(name) }
    }
    return names.sorted()
  }
}
