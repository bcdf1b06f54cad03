// SPDX-License-Identifier: MIT
import ArgumentParser
import Control

/// `culvert server weight`
struct ServerWeight: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weight",
    abstract: "Give a real server another weight, in all services or in one.",
    usage: "culvert server weight <name> <weight> [--service <service>] [<options>]",
    discussion: """
      The share of new flows is relative to the other servers' weights. 'default' is what the configuration says.

        culvert server weight a1 5 --service web
        culvert server weight a1 default
      """)

  @OptionGroup var change: ServerChange

  @Argument(help: "1 to 65535, or default.")
  var weight: WeightArgument

  @Option(help: "The one service in which it counts.")
  var service: String?

  func run() throws {
    try change.make { client in
      try client.setWeight(of: change.name, in: service, to: weight.weight, reason: change.reason)
    }
  }
}

/// A weight, or the word for that of the configuration.
struct WeightArgument: ExpressibleByArgument {
  /// nil for the configuration's.
  let weight: Int?

  init?(argument: String) {
    guard argument != "default" else {
      weight = nil
      return
    }
    guard let number = Int(argument), 1...65_535 ~= number else { return nil }
    weight = number
  }
}
