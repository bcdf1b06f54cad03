// SPDX-License-Identifier: MIT
import Health
import Linux
import SystemPackage
import Testing

/// `docs/health-checks.md`: every kind of failure has a paragraph, under its name.
struct ManualTests {
  @Test func `every failure has a paragraph, in order`() throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    let page = try TextFile.read(FilePath("\(root)/docs/health-checks.md"))
    let sections = page.split(separator: "\n### ").dropFirst()
    #expect(sections.map { $0.prefix { $0 != "\n" } } == CheckFailure.Kind.allCases.map { "`\($0.rawValue)`" })
    #expect(sections.allSatisfy { $0.split(separator: " ").count > 12 })
  }
}
