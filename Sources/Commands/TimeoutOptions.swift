// SPDX-License-Identifier: MIT
import ArgumentParser

/// How long a probe waits.
struct TimeoutOptions: ParsableArguments {
  @Option(
    name: .customLong("timeout"), help: ArgumentHelp("How long to wait for an answer: 0.1 to 60.", valueName: "seconds")
  )
  var seconds = 1.0

  func validate() throws {
    guard 0.1...60 ~= seconds else { throw ValidationError("--timeout \(seconds): give 0.1 to 60 seconds") }
  }

  var timeout: Duration { .seconds(seconds) }
}
