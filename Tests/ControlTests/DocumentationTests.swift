// SPDX-License-Identifier: MIT
import Linux
import SystemPackage
import Testing

@testable import Control

@Suite struct `The page on the API` {
  private static let page = try? TextFile.read(
    FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
      .appending("docs").appending("api.md"))

  /// Lines of JSON, as they come over the socket.
  private static var examples: [String] {
    (page ?? "").split(separator: "\n").filter { $0.hasPrefix("    {") }.map { String($0.dropFirst(4)) }
  }

  private static let types: [any (Codable & Sendable).Type] = [
    DirectorReport.self, ServerReport.self, ServicesReport.self, ControlEvent.self, ErrorReport.self,
  ]

  private static func again(_ type: any (Codable & Sendable).Type, _ line: String) -> String? {
    guard let value = try? JSON.value(type, from: Array(line.utf8)), let bytes = try? JSON.line(value) else {
      return nil
    }
    return String(decoding: bytes.dropLast(), as: UTF8.self)
  }

  @Test func `has examples of every answer`() {
    let shown = Self.types.filter { type in Self.examples.contains { Self.again(type, $0) == $0 } }
    #expect(shown.count == Self.types.count)
  }

  @Test(arguments: examples)
  func `shows what is sent, to the letter`(_ example: String) {
    #expect(Self.types.compactMap { Self.again($0, example) }.contains(example))
  }

  @Test(arguments: ControlEvent.Kind.allCases.map(\.rawValue) + MemberState.allCases.map(\.rawValue))
  func `explains every word`(_ word: String) {
    #expect(Self.page?.contains("`\(word)`") == true)
  }
}
