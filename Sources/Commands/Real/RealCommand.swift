// SPDX-License-Identifier: MIT
import ArgumentParser

/// `culvert real`
struct RealCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "real",
    abstract: "Make this host a real server, examine it, and undo it.",
    usage: "culvert real <subcommand>",
    discussion: """
      'plan' says what 'up' would do, 'doctor' why nothing is answered, and 'down'
      restores the host exactly.

        culvert real plan --vip 203.0.113.80 --director 192.0.2.10 --interface eth0
      """,
    subcommands: [RealPlan.self, RealUp.self, RealStatus.self, RealDoctor.self, RealDown.self],
    defaultSubcommand: RealStatus.self)
}
