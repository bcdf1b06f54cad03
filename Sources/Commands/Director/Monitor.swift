// SPDX-License-Identifier: MIT
import ArgumentParser
import Control

/// `culvert monitor`: what happens, as it happens.
struct Monitor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "monitor",
    abstract: "Show what happens in the director, as it happens.",
    usage: "culvert monitor [--json] [--count <count>] [--timeout <time>]",
    discussion: """
      A line for each event, until it is interrupted: checks, states, pools, tables, ways to the servers, \
      configurations.

      EXAMPLE: culvert monitor --json
      """)

  @Flag(help: "Print each event as JSON, one on a line.")
  var json = false

  @Option(help: "End after so many events.")
  var count: Int?

  @Option(help: ArgumentHelp("End after such a time: 90s, 10m or 2h.", valueName: "time"))
  var timeout: TimeArgument?

  @OptionGroup var director: DirectorSocket

  func validate() throws {
    guard count ?? 1 > 0 else { throw ValidationError("--count is 1 or more") }
  }

  func run() throws {
    var left = count ?? .max
    try explaining {
      try director.client().watch(until: timeout.map { .now + $0.duration }) { event in
        try Output.line(json ? try Output.jsonLine(event) : event.line)
        left -= 1
        return left > 0
      }
    }
  }
}

extension ControlEvent {
  /// `2026-11-25T21:00:03Z state a1 in web: down: check web: timeout`
  var line: String {
    let subject = [server, service].compactMap { $0 }.joined(separator: " in ")
    return "\(time.text) \(kind.rawValue)" + (subject.isEmpty ? "" : " \(subject)") + ": \(text)"
  }
}
