// SPDX-License-Identifier: MIT
import ArgumentParser
import Control

/// What commands that change a real server have in common.
struct ServerChange: ParsableArguments {
  @Argument(help: "The name of the real server.")
  var name: String

  @Option(help: ArgumentHelp("Why, for those who will wonder.", valueName: "text"))
  var reason = ""

  @Flag(help: "Print the real server as JSON, as the API has it.")
  var json = false

  @OptionGroup var director: DirectorSocket

  /// Makes a change, and says what came of it.
  func make(_ change: (ControlClient) throws -> Void) throws {
    let server = try explaining {
      let client = try director.client()
      try change(client)
      return try client.server(name)
    }
    try show(server)
  }

  func show(_ server: ServerReport) throws {
    if json { return try Output.json(server) }
    print(server.summary)
  }
}

extension ServerReport {
  /// `a1: drain in web (12 slots with 3 flows left), up in dns`
  var summary: String {
    guard !memberships.isEmpty else { return "\(name): in no service" }
    return "\(name): " + memberships.map(\.summary).joined(separator: ", ")
  }
}

extension MembershipReport {
  fileprivate var summary: String {
    switch state {
    case .up: "up in \(service) with weight \(weightText)"
    case .drain where isDrained: "drained in \(service)"
    case .drain: "drain in \(service) (\(Output.count(slots + remainingSlots, "slot")) left)"
    default: "\(state) in \(service)"
    }
  }

  /// Whether no flow of its may live any more.
  var isDrained: Bool { slots == 0 && remainingSlots == 0 }
}
