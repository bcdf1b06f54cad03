// SPDX-License-Identifier: MIT
import ArgumentParser

/// `culvert tunnel`
struct TunnelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tunnel",
    abstract: "Make, change, show and remove the kernel's tunnels.",
    usage: "culvert tunnel <subcommand>",
    discussion: """
      Each command has an example, for instance in 'culvert tunnel add --help'.

        culvert tunnel list
      """,
    subcommands: [
      TunnelAdd.self, TunnelChange.self, TunnelApply.self, TunnelList.self, TunnelShow.self, TunnelRemove.self,
      TunnelCheck.self,
    ],
    defaultSubcommand: TunnelList.self)
}
