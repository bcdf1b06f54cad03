// SPDX-License-Identifier: MIT
import Glibc
import Linux
import Netlink
import SystemPackage

/// A unit of systemd that makes this host a real server again at boot, enabled by the link that 'systemctl enable' makes.
public struct BootUnit: Hashable, Sendable, Codable {
  /// Where an administrator's units are.
  public static let usualDirectory = "/etc/systemd/system"
  private static let name = "culvert-real.service"
  private static let mark = "# Made by 'culvert real up --boot'; 'culvert real down' removes it."

  /// Where units are.
  let directory: String
  /// The program with its arguments, absolute.
  let command: [String]
  /// Drivers to load before.
  var modules: [String] = []
  /// Whether the directory for links to units was there before. Culvert removes it where it was not.
  var hadLinks = true

  /// One in `directory` that runs `command`, which keeps its journal in `stateDirectory`.
  public init(directory: String = Self.usualDirectory, command: [String], stateDirectory: String) {
    self.directory = directory
    self.command = command + ["--state-directory", stateDirectory]
  }

  var path: String { "\(directory)/\(Self.name)" }
  private var links: String { "\(directory)/multi-user.target.wants" }
  private var link: String { "\(links)/\(Self.name)" }

  /// The unit. It is tried again until the interface is there, with its addresses.
  var text: String {
    let needs = ["network-online.target"] + modules.map { "modprobe@\($0).service" }
    return """
      \(Self.mark)
      [Unit]
      Description=Culvert's real server
      Wants=\(needs.joined(separator: " "))
      After=\(needs.joined(separator: " "))
      StartLimitIntervalSec=0

      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=\(command.map(\.quotedForSystemd).joined(separator: " "))
      Restart=on-failure
      RestartSec=5

      [Install]
      WantedBy=multi-user.target

      """
  }

  func isSame(as other: BootUnit) -> Bool { path == other.path }

  /// The unit that is there, if it is Culvert's.
  private func found() throws -> String? {
    guard isThere else { return nil }
    let text = try TextFile.read(FilePath(path))
    guard text.hasPrefix(Self.mark) else {
      throw ProvisioningError("\(path) was not made by Culvert: give it another name, or do without --boot")
    }
    return text
  }

  private var isThere: Bool { unsafe access(path, F_OK) == 0 }
  private var isLinked: Bool { unsafe access(link, F_OK) == 0 }
}

extension BootUnit {
  /// Removes the unit in `directory` that keeps its journal in `stateDirectory`: after a boot at which it did not come
  /// far, nothing else tells of it.
  ///
  /// - Returns: whether there was one.
  static func removeLeftover(in directory: String, of stateDirectory: FilePath, _ report: Report) throws -> Bool {
    let unit = BootUnit(directory: directory, command: [], stateDirectory: stateDirectory.string)
    let option = "--state-directory \(stateDirectory.string.quotedForSystemd)"
    guard let text = try? unit.found(), text.split(separator: "\n").contains(where: { $0.hasSuffix(option) }) else {
      return false
    }
    try unit.remove(report)
    return true
  }

  private func remove(_ report: Report) throws {
    guard (try? found()) != nil || !isThere else {
      return report("# \(path) was not made by Culvert: left as it is")
    }
    if isLinked {
      report("rm \(link)")
      try Self.attempt("remove \(link)", unless: ENOENT) { unsafe unlink(link) }
    }
    if try found() != nil {
      report("rm \(path)")
      try Self.attempt("remove \(path)", unless: ENOENT) { unsafe unlink(path) }
    }
    // What a process has left that was killed while it wrote.
    try Self.attempt("remove \(path).new", unless: ENOENT) { unsafe unlink("\(path).new") }
    guard !hadLinks else { return }
    try Self.attempt("remove \(links)", unless: ENOENT, ENOTEMPTY) { unsafe rmdir(links) }
  }

  private static func attempt(_ operation: String, unless codes: CInt..., call: () -> CInt) throws {
    guard call() != 0, !codes.contains(errno) else { return }
    throw LinuxError(operation: operation, errno: Errno(rawValue: errno))
  }
}

extension BootUnit: Step {
  var commands: [String] {
    ["# write \(path), which runs '\(command.joined(separator: " "))' at boot", "ln -s \(path) \(links)/"]
  }

  func isMade(on netlink: NetlinkConnection) throws -> Bool { try found() == text && isLinked }

  func remembering(on netlink: NetlinkConnection) throws -> Change {
    var unit = self
    unit.hadLinks = unsafe access(links, F_OK) == 0
    return .boot(unit)
  }

  func make(on netlink: NetlinkConnection, _ report: Report) throws {
    try TextFile.replace(FilePath(path), with: text)
    try Self.attempt("make \(links)", unless: EEXIST) { unsafe mkdir(links, 0o755) }
    try Self.attempt("make \(link)", unless: EEXIST) { unsafe symlink(path, link) }
  }

  func revert(on netlink: NetlinkConnection, _ report: Report) throws { try remove(report) }
}

extension String {
  /// As a word of `ExecStart=`, systemd.service(5).
  fileprivate var quotedForSystemd: String {
    let plain = "-_./:=,@+"
    guard isEmpty || !allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) || plain.contains($0) }) else {
      return self
    }
    let escaped = map { character in
      switch character {
      case "\\", "\"": "\\\(character)"
      case "%", "$": "\(character)\(character)"
      default: String(character)
      }
    }
    return "\"\(escaped.joined())\""
  }
}
