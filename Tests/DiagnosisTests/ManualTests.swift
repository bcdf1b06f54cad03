// SPDX-License-Identifier: MIT
import Linux
import SystemPackage
import Testing

@testable import Diagnosis

/// `docs/doctor.md`: every check has a paragraph, under its number and name.
struct ManualTests {
  @Test func `every check has a paragraph, in order`() throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    let sections = try TextFile.read(FilePath("\(root)/docs/doctor.md")).split(separator: "\n### ").dropFirst()
    #expect(sections.map { $0.prefix { $0 != "\n" } } == CheckName.allCases.map { "\($0.number) `\($0.rawValue)`" })
    #expect(sections.allSatisfy { $0.split(separator: " ").count > 25 })
  }
}
