// SPDX-License-Identifier: MIT
public import ArgumentParser
import Configuration
import FoundationEssentials
import SystemPackage

/// What commands print besides their result.
enum Output {
  /// A line on the standard error, for people.
  static func note(_ line: String) {
    _ = try? FileDescriptor.standardError.writeAll("\(line)\n".utf8)
  }

  /// The same without the end of the line, for a line that is overwritten.
  static func progress(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll(text.utf8)
  }

  /// A line on the standard output, at once: `print` keeps it back where a pipe reads.
  static func line(_ line: String) throws {
    _ = try FileDescriptor.standardOutput.writeAll("\(line)\n".utf8)
  }

  /// `1 server`, `2 servers`.
  static func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }

  /// A value as JSON with sorted keys, on the standard output.
  static func json(_ value: some Encodable) throws {
    print(try text(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]))
  }

  /// A value as JSON on one line.
  static func jsonLine(_ value: some Encodable) throws -> String {
    try text(value, [.sortedKeys, .withoutEscapingSlashes])
  }

  private static func text(_ value: some Encodable, _ form: JSONEncoder.OutputFormatting) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = form
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

/// A failure that a sentence explains; the exit status is 1.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: some CustomStringConvertible) {
    self.description = description.description
  }
}

/// Runs `body`; whatever it throws reaches the user as the sentence that describes it, problems of a configuration as the
/// lines of a compiler.
func explaining<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as ConfigurationError {
    Output.note(error.description)
    throw ExitCode.failure
  } catch {
    throw CommandFailure("\(error)")
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
