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
}
