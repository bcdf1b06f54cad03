// SPDX-License-Identifier: MIT
import ArgumentParser
import Control
import Health

/// `culvert server drain`
struct ServerDrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain",
    abstract: "Send a real server no new flows; those it has go on.",
    usage: "culvert server drain <name> [--wait] [<options>]",
    discussion: """
      With --wait it ends when no flow is left, with status 0; or when time is up, with status 1: the server goes on \
      draining then. 'culvert server ready' ends it.

        culvert server drain a1 --wait --timeout 10m --reason upgrade
      """)

  @OptionGroup var change: ServerChange

  @Flag(name: .customLong("wait"), help: "Wait until no flow is left.")
  var waits = false

  @Option(help: ArgumentHelp("How long to wait, such as 90s, 10m or 2h.", valueName: "time"))
  var timeout = TimeArgument.tenMinutes

  func run() throws {
    guard waits else { return try change.make(drain) }
    let server = try explaining { () -> ServerReport in
      let client = try change.director.client()
      try drain(client)
      return try Drain(name: change.name, client: client).wait(until: .now + timeout.duration)
    }
    try change.show(server)
    guard server.isDrained else {
      throw CommandFailure("\(server.leftover) after \(timeout): \(server.name) goes on draining")
    }
  }

  private func drain(_ client: ControlClient) throws {
    try client.setState(of: change.name, to: .drain, reason: change.reason)
  }
}
