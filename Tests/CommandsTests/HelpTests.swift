// SPDX-License-Identifier: MIT
import ArgumentParser
import TestSupport
import Testing

@testable import Commands

@Suite struct `The manual in the program` {
  /// A command by the words that call it.
  struct Entry: CustomTestStringConvertible, Sendable {
    let words: [String]
    let type: any ParsableCommand.Type

    var testDescription: String { words.joined(separator: " ") }
    var isLeaf: Bool { type.configuration.subcommands.isEmpty }
    var help: String { Culvert.helpMessage(for: type, columns: 80) }
  }

  static let directorCommands: [any ParsableCommand.Type] = [
    Run.self, Check.self, List.self, Monitor.self, Failover.self, Where.self, Replay.self,
  ]
  static let commands = commands(below: Entry(words: ["culvert"], type: Culvert.self))

  private static func commands(below entry: Entry) -> [Entry] {
    [entry]
      + entry.type.configuration.subcommands.flatMap { type in
        commands(below: Entry(words: entry.words + [type._commandName], type: type))
      }
  }

  @Test(arguments: commands)
  func `fits a terminal of 80 columns`(_ command: Entry) {
    // The usage line of a command without one of its own is as long as its options.
    let lines = command.help.split(separator: "\n").filter { !$0.hasPrefix("USAGE:") }
    #expect(lines.map(String.init).filter { $0.count > 80 } == [])
    #expect((command.type.configuration.usage ?? "").count <= 80 - "USAGE: ".count)
  }

  @Test(arguments: directorCommands)
  func `calls a director's commands in one line`(_ command: any ParsableCommand.Type) throws {
    let usage = try #require(command.configuration.usage)
    #expect(usage.hasPrefix("culvert \(command._commandName) "))
    let required = Culvert.helpMessage(for: command, columns: 80).split(separator: "\n").filter { $0.hasPrefix("  <") }
    for argument in required { #expect(usage.contains(argument.split(separator: " ")[0])) }
  }

  @Test(arguments: commands.filter(\.isLeaf))
  func `explains every option`(_ command: Entry) {
    let options = command.help.split(separator: "\n").filter { $0.hasPrefix("  -") || $0.hasPrefix("  <") }
    #expect(options.filter { $0.split(separator: " ").count < 2 } == [])
    #expect(!command.type.configuration.abstract.isEmpty)
  }

  /// Calls of `culvert` as people would type them, lines that go on joined.
  private static func examples(in help: String) -> [[String]] {
    help.replacing("\\\n", with: " ").split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      // An example is a line of its own, or stands behind a heading that ends with a colon.
      guard let start = words.firstIndex(of: "culvert"), words.count > start + 1, words[0] != "USAGE:",
        start == 0 ? line.hasPrefix("  ") : words[start - 1].hasSuffix(":")
      else { return nil }
      return Array(words[(start + 1)...])
    }
  }

  @Test(arguments: directorCommands)
  func `has an example for each command of a director`(_ command: any ParsableCommand.Type) {
    #expect(Self.examples(in: Culvert.helpMessage(for: command, columns: 80)).count == 1)
  }

  @Test(arguments: commands.filter { !["tunnel", "server"].filter($0.words.dropFirst().prefix(1).contains).isEmpty })
  func `has an example for each command of tunnels and servers`(_ command: Entry) {
    let examples = Self.examples(in: command.help).filter { $0.prefix(1) == command.words[1...1] }
    #expect(!examples.isEmpty)
    if command.isLeaf { #expect(examples.first?.prefix(2) == command.words[1...]) }
  }

  @Test func `has examples for both kinds of host`() {
    #expect(Self.examples(in: Culvert.helpMessage(columns: 80)).map { $0.prefix(1) } == [["run"], ["real"]])
  }

  @Test(arguments: commands)
  func `has examples that are understood`(_ command: Entry) throws {
    for example in Self.examples(in: command.help) {
      #expect(throws: Never.self, "culvert \(example.joined(separator: " "))") { try Culvert.parseAsRoot(example) }
    }
  }

  @Test func `begins with an overview`() throws {
    let ending = try culvert("--help")
    #expect(ending.status == 0)
    #expect(ending.errors == "")
    #expect(
      ending.output == """
        OVERVIEW: A tunnelling layer-4 load balancer with direct server return.

        On a director:     culvert run --config /etc/culvert.yaml
        On a real server:  culvert real up --vip 203.0.113.80 --director 192.0.2.10 \\
                             --interface eth0

        USAGE: culvert <subcommand>

        OPTIONS:
          --version               Show the version.
          -h, --help              Show help information.

        SUBCOMMANDS:
          run                     Run a director, in the foreground.
          check                   Check a configuration file, a real server, or who has
                                  an address.
          list                    Show services, real servers, slots and traffic.
          server                  Show real servers, drain them, take them out, weigh
                                  them.
          monitor                 Show what happens in the director, as it happens.
          failover                Say what would happen if servers or sites were down.
                                  Nothing is changed.
          where                   Say which real server a flow goes to, and why,
                                  without a packet.
          replay                  Run a capture through the data plane, offline.
          tunnel                  Make, change, show and remove the kernel's tunnels.
          real                    Make this host a real server, examine it, and undo it.
          pass                    Let a veth device receive what its peer sends from
                                  XDP.
          benchmark               Measure packets, tables and checks on this machine.

          See 'culvert help <subcommand>' for detailed help.

        """)
  }

  @Test(arguments: [["--no-such"], ["nonsense"], ["where"], ["where", "192.0.2.1", "203.0.113.80:80"], ["run"]])
  func `stands below mistakes, which end with 64`(_ arguments: [String]) throws {
    let ending = try ChildProcess.culvert(arguments).ending()
    #expect(ending.status == 64)
    #expect(ending.errors.hasPrefix("Error: "))
    #expect(ending.errors.contains("Usage: culvert"))
    #expect(ending.output == "")
  }
}
