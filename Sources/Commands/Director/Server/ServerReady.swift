// SPDX-License-Identifier: MIT
import ArgumentParser
import Control

/// `culvert server ready`
struct ServerReady: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ready",
    abstract: "End draining or maintenance: let checks and the configuration decide.",
    usage: "culvert server ready <name> [<options>]",
    discussion: """
      Weights that were given stay.

        culvert server ready a1
      """)

  @OptionGroup var change: ServerChange

  func run() throws {
    try change.make { try $0.setState(of: change.name, to: nil, reason: change.reason) }
  }
}
