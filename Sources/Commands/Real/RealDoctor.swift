// SPDX-License-Identifier: MIT
import ArgumentParser
import Diagnosis
import Wire

/// `culvert real doctor`
struct RealDoctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Find out why this real server does not answer, and mend it.",
    usage: "culvert real doctor [--fix] [--client <ip>] [<options>]",
    discussion: """
      Looks at everything that is known to lose packets on a real server, each
      with a number, tries one packet through the host's own receive path, and
      names the cause: what was found, why it loses packets, and one line that
      mends it. Ends with status 1 if something has failed.

        culvert real doctor --client 198.51.100.7

      --fix runs these lines, and looks again. Without --client the packet comes
      from a director's address. docs/doctor.md has a paragraph on each number.
      """)

  @Flag(help: "Mend what has failed.")
  var fix = false

  @Flag(help: "As JSON, with stable keys.")
  var json = false

  @Option(help: "The address of a client that is to be answered; repeatable.")
  var client: [String] = []

  @Option(help: "The address of a director that is to be listened to.")
  var director: String?

  @OptionGroup var state: StateOptions
  @OptionGroup var namespace: NamespaceOptions

  func run() throws {
    try namespace.enter()
    let question = Question(
      clients: try client.map { try IPAddress($0, givenTo: "--client") },
      director: try director.map { try IPAddress($0, givenTo: "--director") })
    let doctor = Doctor(stateDirectory: state.stateDirectory, question)
    var examination = try doctor.examine()
    if fix { examination = try mended(examination, doctor) }
    json ? try Output.json(examination.findings) : print(examination.text)
    guard examination.isHealthy else { throw ExitCode.failure }
  }

  /// What was hidden by one cause may show when that is mended.
  private func mended(_ first: Doctor.Examination, _ doctor: Doctor) throws -> Doctor.Examination {
    var examination = first
    for _ in 0..<Self.rounds where examination.isMendable {
      try doctor.mend(examination, report: Output.command)
      examination = try doctor.examine()
    }
    return examination
  }

  private static let rounds = 4
}
