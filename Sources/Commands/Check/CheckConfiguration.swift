// SPDX-License-Identifier: MIT
public import ArgumentParser
import Configuration
import Linux
import SystemPackage

/// `culvert check FILE`: what `culvert run` would say of a configuration.
public struct CheckConfiguration: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "configuration",
    abstract: "Check a configuration file: what is checked where nothing else is named.",
    usage: "culvert check <file> [--print]",
    discussion: """
      Prints every problem with its line and column, and exits with 1 if there is one. Where the director's interface \
      is one of this host, its routes are looked at too: whether they carry full-size probes.

      EXAMPLE: culvert check /etc/culvert.yaml
      """)

  @Argument(help: "The configuration file.")
  var file: String

  @Flag(name: .customLong("print"), help: "Print the configuration as it was understood, with every default.")
  var printsConfiguration = false

  public init() {}

  public func run() throws {
    let configuration = try Self.read(file)
    for warning in FullSizeRoutes(ofThisHost: configuration)?.warnings ?? [] {
      Output.note("warning: \(file): \(warning)")
    }
    if printsConfiguration {
      print(configuration.yaml, terminator: "")
    } else {
      let services = Output.count(configuration.services.count, "service")
      print("\(file): good: \(services), \(Output.count(configuration.servers.count, "server"))")
    }
  }

  /// Reads a configuration, and passes warnings on to the standard error.
  static func read(_ file: String) throws -> DirectorConfiguration {
    try explaining {
      let (configuration, warnings) = try DirectorConfiguration.read(text: TextFile.read(FilePath(file)), file: file)
      for warning in warnings { Output.note("warning: \(warning)") }
      return configuration
    }
  }
}
