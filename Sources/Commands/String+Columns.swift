// SPDX-License-Identifier: MIT

// Columns of text.
extension String {
  /// At least `width` characters and a space behind.
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(width - count, 1)) }

  /// At least `width` characters, spaces in front.
  func aligned(_ width: Int) -> String { String(repeating: " ", count: max(width - count, 0)) + self }

  /// At most `width` characters, the middle left out.
  func shortened(to width: Int) -> String {
    count <= width ? self : prefix(width / 2) + "…" + suffix(width - width / 2 - 1)
  }

  /// Without the spaces at its end.
  var trimmed: String {
    String(self[..<(lastIndex(where: { $0 != " " }).map(index(after:)) ?? startIndex)])
  }

  /// Lines of at most 80 characters as far as words allow, the first one behind `indent` spaces. No-break spaces hold words
  /// together, and become spaces.
  func wrapped(by indent: Int, hanging: Int? = nil) -> [String] {
    var lines: [String] = []
    var line = String(repeating: " ", count: indent)
    var isEmpty = true
    for word in split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > 80 {
        lines.append(line)
        line = String(repeating: " ", count: hanging ?? indent)
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return (lines + [line]).map { $0.replacing("\u{A0}", with: " ") }
  }
}
