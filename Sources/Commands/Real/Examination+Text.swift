// SPDX-License-Identifier: MIT
import Diagnosis

extension Doctor.Examination {
  /// For people: what is wrong in full, the rest by name, within 80 columns.
  var text: String {
    let remarkable = findings.filter { $0.verdict == .failed || $0.verdict == .warning }
    return (remarkable.map(Self.paragraph) + rest).joined(separator: "\n\n")
  }

  private static let width = 80

  private static func paragraph(_ finding: Finding) -> String {
    var lines = ["\(finding.number). \(finding.name): \(finding.verdict.rawValue)"]
    lines += wrapped(finding.found, by: 4)
    lines += finding.why.map { wrapped($0, by: 4) } ?? []
    // A line that is to be typed stays one.
    lines += finding.mend.map { ["    # \($0)"] } ?? []
    return lines.joined(separator: "\n")
  }

  /// One paragraph, or none.
  private var rest: [String] {
    let lists = [Finding.Verdict.ok, .skipped].compactMap { verdict -> String? in
      // A number and its name stay together.
      let names = findings.filter { $0.verdict == verdict }.map { "\($0.number)\u{A0}\($0.name)" }
      guard !names.isEmpty else { return nil }
      let lines = Self.wrapped("\(verdict.rawValue): \(names.joined(separator: ", "))", by: 0, hanging: 4)
      return lines.joined(separator: "\n").replacing("\u{A0}", with: " ")
    }
    return lists.isEmpty ? [] : [lists.joined(separator: "\n")]
  }

  private static func wrapped(_ text: String, by indent: Int, hanging: Int? = nil) -> [String] {
    var lines: [String] = []
    var line = String(repeating: " ", count: indent)
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = String(repeating: " ", count: hanging ?? indent)
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return lines + [line]
  }
}
