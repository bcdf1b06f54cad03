// SPDX-License-Identifier: MIT
import Yams

/// A place in a text; lines and columns count from 1, columns in Unicode scalars.
struct Position: Hashable, Comparable, CustomStringConvertible {
  /// Where messages about the file as a whole point.
  static let start = Position(line: 1, column: 1)

  let line: Int
  let column: Int

  /// `12:7`.
  var description: String { "\(line):\(column)" }

  static func < (first: Position, second: Position) -> Bool {
    (first.line, first.column) < (second.line, second.column)
  }
}

extension Position {
  init(_ mark: Mark) {
    self.init(line: mark.line, column: mark.column)
  }

  /// The position of the character with this index.
  init(character index: Int, of text: String) {
    let before = text.prefix(index)
    let lineStart = before.lastIndex(where: \.isNewline).map { before.index(after: $0) } ?? before.startIndex
    self.init(
      line: before.count(where: \.isNewline) + 1, column: before[lineStart...].unicodeScalars.count + 1)
  }

  /// The index of the scalar here. Lines end as YAML 1.1 has it (section 5.4).
  func offset(in scalars: [Unicode.Scalar]) -> Int? {
    var offset = 0
    var line = 1
    while line < self.line, offset < scalars.count {
      switch scalars[offset] {
      case "\r" where offset + 1 < scalars.count && scalars[offset + 1] == "\n": break
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": line += 1
      default: break
      }
      offset += 1
    }
    offset += column - 1
    return offset < scalars.count ? offset : nil
  }
}

extension Node {
  var position: Position { mark.map { Position($0) } ?? .start }
}
