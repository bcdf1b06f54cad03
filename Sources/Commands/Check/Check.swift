// SPDX-License-Identifier: MIT
public import ArgumentParser

/// `culvert check`: looks and changes nothing.
public struct Check: ParsableCommand {
  public static let configuration = CommandConfiguration(
    abstract: "Check a configuration file.",
    usage: "culvert check <file> [--print]",
    discussion: "EXAMPLE: culvert check /etc/culvert.yaml",
    subcommands: [CheckConfiguration.self],
    defaultSubcommand: CheckConfiguration.self)

  public init() {}
}
