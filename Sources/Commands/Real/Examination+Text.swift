// SPDX-License-Identifier: MIT
import Diagnosis

extension Doctor.Examination {
  /// For people: what is wrong in full, the rest by name, within 80 columns.
  var text: String {
    let remarkable = findings.filter { $0.verdict == .failed || $0.verdict == .warning }
    return (remarkable.map(Self.paragraph) + rest).joined(separator: "\n\n")
  }

  private static func paragraph(_ finding: Finding) -> String {
    var lines = ["\(finding.number). \(finding.name): \(finding.verdict.rawValue)"]
    lines += finding.found.wrapped(by: 4)
    lines += finding.why.map { $0.wrapped(by: 4) } ?? []
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
      let lines = "\(verdict.rawValue): \(names.joined(separator: ", "))".wrapped(by: 0, hanging: 4)
      return lines.joined(separator: "\n")
    }
    return lists.isEmpty ? [] : [lists.joined(separator: "\n")]
  }
}
