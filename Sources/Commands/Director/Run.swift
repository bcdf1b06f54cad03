// SPDX-License-Identifier: MIT
public import ArgumentParser
import Director
import Logging

/// `culvert run`: a director in the foreground.
public struct Run: ParsableCommand {
  public static let configuration = CommandConfiguration(
    abstract: "Run a director, in the foreground.",
    usage: "culvert run --config <config> [<options>]",
    discussion: """
      Packets for the configured services are encapsulated and sent to their real servers until SIGTERM or SIGINT. \
      SIGHUP reads the configuration again; one that is refused changes nothing. With the kernel engine, packets go on \
      being forwarded when the process dies, and the next one takes over.

      EXAMPLE: culvert run --config /etc/culvert.yaml
      """)

  @Option(help: "The configuration file.")
  var config: String

  @OptionGroup var state: StateOptions

  @Flag(name: .customLong("stay"), help: "Go on forwarding after SIGTERM (kernel engine): for upgrades.")
  var staysForwarding = false

  public init() {}

  public func run() throws {
    var logger = Logger(label: "culvert") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .info
    let options = DirectorOptions(
      configurationFile: config, stateDirectory: state.stateDirectory, bpffs: state.bpffs,
      staysForwarding: staysForwarding)
    try explaining { try Director(options, logger: logger).run() }
  }
}
