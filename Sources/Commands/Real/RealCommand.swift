// SPDX-License-Identifier: MIT
import ArgumentParser

/// `culvert real`
struct RealCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "real",
    abstract: "Make this host a real server, and undo it.",
    subcommands: [RealPlan.self, RealUp.self, RealStatus.self, RealDoctor.self, RealDown.self],
    defaultSubcommand: RealStatus.self)
}
