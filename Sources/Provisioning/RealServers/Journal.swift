// SPDX-License-Identifier: MIT
import FoundationEssentials
import Glibc
import Linux
import Netlink
import SystemPackage

/// What was changed on this host, so that any later process can take it back: one file, replaced in one step.
struct Journal: Hashable, Sendable, Codable {
  /// Of the file; another number is refused.
  static let currentFormat = 2

  var format = Self.currentFormat
  /// The number of the network namespace that the changes are in.
  var namespace: UInt64
  var arrangement: RealServerArrangement
  /// Made or about to be made, in their order.
  var changes: [Change]

  /// The text of the file.
  func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  /// Reads the text of a file.
  ///
  /// - Throws: ``ProvisioningError`` if it is none of this version.
  init(text: String, file: FilePath) throws {
    let journal: Journal
    do {
      journal = try JSONDecoder().decode(Journal.self, from: Data(text.utf8))
    } catch {
      throw ProvisioningError("\(file) is no journal of this version of Culvert, or is damaged: \(error)")
    }
    guard journal.format == Self.currentFormat else {
      throw ProvisioningError(
        "\(file) has format \(journal.format), and this version of Culvert reads \(Self.currentFormat)")
    }
    self = journal
  }

  init(namespace: UInt64, arrangement: RealServerArrangement, changes: [Change] = []) {
    self.namespace = namespace
    self.arrangement = arrangement
    self.changes = changes
  }
}

extension Journal {
  /// The journal as it goes on for the same request, by what the host is like now.
  func continued(
    for request: RealServerRequest, _ boot: BootUnit?, _ file: JournalFile, on netlink: NetlinkConnection
  ) throws -> Journal {
    guard arrangement.request == request else {
      throw ProvisioningError(
        "this host is a real server already, with other options (\(file.path)): run 'culvert real down' first")
    }
    var journal = self
    journal.arrangement.boot = boot ?? arrangement.boot
    try journal.arrangement.look(at: netlink)
    return journal
  }
}

/// Where the journal is kept.
struct JournalFile {
  let directory: FilePath

  var path: FilePath { directory.appending("real.json") }

  /// The journal; nil if nothing is set up.
  func read() throws -> Journal? {
    do {
      return try Journal(text: TextFile.read(path), file: path)
    } catch let error as LinuxError where error.errno == .noSuchFileOrDirectory {
      return nil
    }
  }

  /// Writes it, or removes the file when no change is left.
  func write(_ journal: Journal) throws {
    guard !journal.changes.isEmpty else { return try remove() }
    try TextFile.replace(path, with: journal.text())
  }

  private func remove() throws {
    guard unsafe unlink(path.string) != 0, errno != ENOENT else { return }
    throw LinuxError(operation: "remove \(path)", errno: Errno(rawValue: errno))
  }

  /// Makes the directory, where it is missing, and runs `body` while no other process changes this host by it.
  func locked<Result>(_ body: () throws -> Result) throws -> Result {
    try createDirectory()
    let lock = try FileLock(path: directory.appending("real.lock"))
    let result = try body()
    _ = consume lock
    return result
  }

  private func createDirectory() throws {
    var partial = FilePath(root: directory.root, [])
    for component in directory.components {
      partial.append(component)
      if unsafe mkdir(partial.string, 0o755) != 0, errno != EEXIST {
        throw LinuxError(operation: "make the directory \(partial)", errno: Errno(rawValue: errno))
      }
    }
  }
}
