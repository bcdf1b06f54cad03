// SPDX-License-Identifier: MIT
import ArgumentParser

/// `culvert tunnel`
struct TunnelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tunnel",
    abstract: "Make, show and remove the kernel's tunnels.",
    subcommands: [TunnelAdd.self, TunnelList.self, TunnelShow.self, TunnelRemove.self, TunnelCheck.self],
    defaultSubcommand: TunnelList.self)
}
