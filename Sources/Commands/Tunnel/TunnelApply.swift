// SPDX-License-Identifier: MIT
import ArgumentParser
import Glibc
import Linux
import Provisioning
import SystemPackage

/// `culvert tunnel apply`
struct TunnelApply: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Make and change tunnels as a file has them.",
    usage: "culvert tunnel apply <file> [--prune] [--plan]",
    discussion: """
      The file is what 'culvert tunnel list --json' prints. What is missing is made,
      what differs is changed, all of it or nothing. Tunnels that somebody else made
      are passed over, and so are counters.

        culvert tunnel apply /etc/culvert/tunnels.json --prune
      """)

  @Argument(help: "The file, or - for the standard input.")
  var file: String

  @Flag(help: "Remove the tunnels of 'culvert tunnel' that the file does not have.")
  var prune = false

  @OptionGroup var planning: TunnelPlanning

  @OptionGroup var namespace: NamespaceOptions

  func run() throws {
    // The file is named from where the caller is.
    let setups = try TunnelFile.read(try text(), of: file == "-" ? "standard input" : file)
    try namespace.enter()
    try planning.carryOut(.apply(setups, pruning: prune))
  }

  private func text() throws -> String {
    guard file == "-" else { return try TextFile.read(FilePath(file)) }
    var text = ""
    while let line = readLine(strippingNewline: false) { text += line }
    return text
  }
}
