// SPDX-License-Identifier: MIT
public import ArgumentParser

/// `culvert check`: looks and changes nothing.
public struct Check: ParsableCommand {
  public static let configuration = CommandConfiguration(
    abstract: "Check a configuration file, a real server, or who has an address.",
    usage: "culvert check <file> [--print]",
    discussion: "EXAMPLE: culvert check /etc/culvert.yaml",
    subcommands: [CheckConfiguration.self, CheckServer.self, CheckARP.self],
    defaultSubcommand: CheckConfiguration.self)

  public init() {}
}
