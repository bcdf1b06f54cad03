// SPDX-License-Identifier: MIT
import ArgumentParser
import Balancing
import Configuration
import Director

/// `culvert failover`: what the loss of servers would mean.
struct Failover: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "failover",
    abstract: "Say what would happen if servers or sites were down. Nothing is changed.",
    usage: "culvert failover --simulate --down <what> ... [--config <file>] [--json]",
    discussion: """
      By the director that runs here, with what it knows of its servers now; or, with --config, by a configuration \
      whose servers are all up.

      EXAMPLE: culvert failover --simulate --down site=B --down server=a1
      """)

  @Flag(name: .customLong("simulate"), help: "Say so instead of doing it.")
  var simulates = false

  @Option(
    name: .customLong("down"), help: ArgumentHelp("site=NAME or server=NAME; may be repeated.", valueName: "what"))
  var losses: [Loss] = []

  @Option(help: "Ask this configuration instead of the director that runs.")
  var config: String?

  @Option(help: "The interface of the director to ask, where several run.")
  var interface: String?

  @OptionGroup var state: StateOptions

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard simulates else {
      throw ValidationError("only --simulate exists: directors fail over by themselves, by their health checks")
    }
    guard !losses.isEmpty else { throw ValidationError("say what is down: --down site=NAME or --down server=NAME") }
  }

  func run() throws {
    let report = try explaining { () -> FailoverReport in
      let known = try scenario()
      for loss in losses { try loss.check(against: known.configuration) }
      return FailoverReport(known, losses)
    }
    if json { return try Output.json(report) }
    print(report.text)
  }

  private func scenario() throws -> FailoverScenario {
    if let config { return FailoverScenario(configuration: try CheckConfiguration.read(config), runtime: nil) }
    let director = try RunningDirector(
      stateDirectory: state.stateDirectory, bpffs: state.bpffs, interface: interface)
    return FailoverScenario(configuration: director.configuration, runtime: director.runtime)
  }
}
