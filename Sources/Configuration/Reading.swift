// SPDX-License-Identifier: MIT
import Yams

/// One reading of a file: collects what is wrong with it, so that everything is reported at once.
final class Reading {
  /// The number of problems up to which it is said what was probably meant.
  private static let suggestionLimit = 50

  /// What the file is for.
  enum Subject {
    case director
    case realServer
  }

  let file: String
  let subject: Subject
  /// The true spelling of keys that were masked to get them past the parser; see `Document`.
  var maskedKeys: [String: String] = [:]
  private var problemsFound: [Problem] = []
  private var warningsFound: [Problem] = []

  init(file: String, subject: Subject = .director) {
    self.file = file
    self.subject = subject
  }

  /// What makes the file unusable, in the order of the file.
  var problems: [Problem] { Self.sorted(problemsFound) }
  /// What is doubtful but usable, in the order of the file.
  var warnings: [Problem] { Self.sorted(warningsFound) }

  /// Adds a problem. The suggestion is not looked for once there are many: a search among thousands of names takes
  /// its time, and after a renaming every member of every service may need one.
  func report(_ message: String, at position: Position, suggestion: @autoclosure () -> String? = nil) {
    let suggestion = problemsFound.count < Self.suggestionLimit ? suggestion() : nil
    problemsFound.append(
      Problem(file: file, line: position.line, column: position.column, message: message, suggestion: suggestion))
  }

  func warn(_ message: String, at position: Position) {
    warningsFound.append(Problem(file: file, line: position.line, column: position.column, message: message))
  }

  private static func sorted(_ problems: [Problem]) -> [Problem] {
    problems.enumerated()
      .sorted { ($0.element.line, $0.element.column, $0.offset) < ($1.element.line, $1.element.column, $1.offset) }
      .map(\.element)
  }
}
