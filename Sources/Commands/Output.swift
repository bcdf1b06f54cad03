// SPDX-License-Identifier: MIT
public import ArgumentParser
import Glibc

/// Where commands print, and how much is known about who reads it.
enum Output {
  /// Whether people see colours: on a terminal, unless `NO_COLOR` asks for none.
  static let hasColour = isatty(STDOUT_FILENO) == 1 && unsafe getenv("NO_COLOR") == nil

  /// A line on the standard error, for people.
  static func note(_ line: String) {
    unsafe fputs("\(line)\n", stderr)
  }
}

/// A failure that one sentence explains: printed after `culvert: `, with exit status 1.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: some CustomStringConvertible) {
    self.description = description.description
  }
}

/// Where Culvert keeps what must outlive a process.
public struct StateOptions: ParsableArguments {
  @Option(name: .customLong("state-directory"), help: "Where running state is kept.")
  var stateDirectory = "/run/culvert"

  @Option(help: "A BPF file system, for the data path to outlive the daemon.")
  var bpffs = "/sys/fs/bpf"

  public init() {}
}
