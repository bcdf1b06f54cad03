// SPDX-License-Identifier: MIT
import Testing

@testable import HealthChecking

@Suite struct ExcerptTests {
  @Test(arguments: [
    ([], ""), (Array("a b\r\n\t~".utf8), "a b\\r\\n\\t~"), ([0, 0x1B, 0x7F, 0xFF], "\\x00\\x1b\\x7f\\xff"),
    (Array("é".utf8), "\\xc3\\xa9"),
  ])
  func `what is not printable is spelt`(bytes: [UInt8], text: String) {
    #expect(excerpt(bytes) == text)
  }

  @Test(arguments: [(100, "a", 100, false), (101, "a", 100, true), (25, "\0", 100, false), (26, "\0", 100, true)])
  func `an excerpt has at most 100 characters`(count: Int, text: String, length: Int, isCut: Bool) {
    let excerpt = excerpt(String(repeating: text, count: count).utf8)
    #expect(excerpt.count == length + (isCut ? 3 : 0))
    #expect(excerpt.hasSuffix("...") == isCut)
  }
}
