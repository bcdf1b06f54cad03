// SPDX-License-Identifier: MIT
import ArgumentParser
import Control
import Health

/// `culvert server show`
struct ServerShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one real server: its services, its checks and their history.",
    usage: "culvert server show <name> [--json]",
    discussion: """
      The last failure of each check is shown as it was seen, also while the server is up.

        culvert server show a1
      """)

  @Argument(help: "The name of the real server.")
  var name: String

  @Flag(help: "Print JSON, as the API has it.")
  var json = false

  @OptionGroup var director: DirectorSocket

  func run() throws {
    let server = try explaining { try director.client().server(name) }
    if json { return try Output.json(server) }
    print(server.text(at: .now))
  }
}
