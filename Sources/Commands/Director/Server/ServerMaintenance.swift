// SPDX-License-Identifier: MIT
import ArgumentParser
import Control
import Health

/// `culvert server maintenance`
struct ServerMaintenance: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maintenance",
    abstract: "Take a real server out at once; its flows are handed over.",
    usage: "culvert server maintenance <name> [<options>]",
    discussion: """
      Connections that it has are cut; 'culvert server drain' lets them end.

        culvert server maintenance a1 --reason disks
      """)

  @OptionGroup var change: ServerChange

  func run() throws {
    try change.make { try $0.setState(of: change.name, to: .maintenance, reason: change.reason) }
  }
}
