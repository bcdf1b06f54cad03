// SPDX-License-Identifier: MIT
import Configuration
import Foundation
import Testing

@Suite struct `The manual` {
  /// The fenced blocks of a language in a page of the manual.
  private func blocks(_ language: String, of page: String = "configuration") throws -> [String] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "docs/\(page).md"), encoding: .utf8)
    return text.split(separator: "```\(language)\n", omittingEmptySubsequences: false).dropFirst().compactMap {
      $0.split(separator: "```", omittingEmptySubsequences: false).first.map { String($0) }
    }
  }

  @Test func `shows files that are accepted, and one that is not with what is said about it`() throws {
    let files = try blocks("yaml").filter { $0.hasPrefix("director:") }
    try #require(files.count >= 4)
    for file in files.dropLast() { #expect(problems(in: file).isEmpty) }
    let broken = try #require(files.last)
    let said = try #require(try blocks("text").last)
    let found = problems(in: broken).map { $0.replacing("c.yaml", with: "culvert.yaml", maxReplacements: 1) }
    #expect(found.joined(separator: "\n") + "\n" == said)
  }

  @Test func `shows files of real servers that are accepted`() throws {
    let files = try blocks("yaml", of: "real-server")
    #expect(!files.isEmpty)
    for file in files {
      #expect(throws: Never.self) { try RealServerConfiguration.read(text: file, file: "real.yaml") }
    }
  }
}
