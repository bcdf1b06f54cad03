// SPDX-License-Identifier: MIT
import DataPlane
import Glibc
import Testing

/// `docs/verdicts.md`: every drop has a name, and every name a paragraph.
@Suite struct VerdictDocumentationTests {
  private static func manual() throws -> String {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    let file = try #require(fopen("\(root)/docs/verdicts.md", "r"), "docs/verdicts.md cannot be opened")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
  }

  /// The headings below `chapter`, in order, and the number of words that follow each.
  private static func sections(of chapter: String) throws -> [(name: String, words: Int)] {
    let lines = try manual().split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex(of: "## \(chapter)"), "there is no chapter \"\(chapter)\"")
    var sections: [(name: String, words: Int)] = []
    for line in lines[(start + 1)...].prefix(while: { !$0.hasPrefix("## ") }) {
      if line.hasPrefix("### ") {
        sections.append((line.dropFirst(4).filter { $0 != "`" }, 0))
      } else if !sections.isEmpty {
        sections[sections.count - 1].words += line.split(separator: " ").count
      }
    }
    return sections
  }

  @Test func `Every verdict of the director has a paragraph, in order`() throws {
    let sections = try Self.sections(of: "On the director")
    #expect(sections.map(\.name) == Verdict.allCases.map { "\($0)" })
    #expect(sections.allSatisfy { $0.words > 20 })
  }

  @Test func `Every verdict of the decapsulator has a paragraph, in order`() throws {
    let sections = try Self.sections(of: "On the real server")
    #expect(sections.map(\.name) == DecapsulationVerdict.allCases.map { "\($0)" })
    #expect(sections.allSatisfy { $0.words > 20 })
  }
}
