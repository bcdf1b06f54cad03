// SPDX-License-Identifier: MIT
import ArgumentParser

/// `culvert server`
struct ServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server",
    abstract: "Show real servers, drain them, take them out, weigh them.",
    usage: "culvert server <subcommand>",
    discussion: """
      Asks the director that runs here. What is changed outlives restarts and reloads of the director, until it is \
      changed again.

        culvert server drain a1 --wait --reason upgrade
        culvert server ready a1
      """,
    subcommands: [
      ServerList.self, ServerShow.self, ServerDrain.self, ServerMaintenance.self, ServerReady.self, ServerWeight.self,
    ],
    defaultSubcommand: ServerList.self)
}
