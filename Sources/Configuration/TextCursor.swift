// SPDX-License-Identifier: MIT

/// A place in a text, which moves forward.
struct TextCursor {
  private let scalars: [Unicode.Scalar]
  private var offset = 0
  private(set) var line = 1
  /// From 1, in Unicode scalars.
  private(set) var column = 1

  init(_ text: String) {
    scalars = Array(text.unicodeScalars)
  }

  var position: Position { Position(line: line, column: column) }

  /// What stands so many scalars further; NUL behind the end.
  func peek(_ distance: Int = 0) -> Unicode.Scalar {
    offset + distance < scalars.count ? scalars[offset + distance] : "\0"
  }

  /// Whether `word` stands here.
  func isAt(_ word: String) -> Bool {
    scalars[offset...].starts(with: word.unicodeScalars)
  }

  /// Goes behind one scalar, or behind a line break of two.
  mutating func skip() {
    guard offset < scalars.count else { return }
    let isBreak = peek().isLineBreak
    offset += peek() == "\r" && peek(1) == "\n" ? 2 : 1
    line += isBreak ? 1 : 0
    column = isBreak ? 1 : column + 1
  }

  /// Goes on as long as there is something for which `condition` holds.
  mutating func skip(while condition: (Unicode.Scalar) -> Bool) {
    while offset < scalars.count, condition(scalars[offset]) { skip() }
  }

  /// Goes to the end of the line.
  mutating func skipLine() {
    skip { !$0.isLineBreak }
  }
}

extension Unicode.Scalar {
  /// As in YAML 1.1, section 5.4.
  var isLineBreak: Bool {
    switch self {
    case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
  }
  var isBlank: Bool { self == " " || self == "\t" }
  /// Whether it is a blank, a line break or the end.
  var isSpace: Bool { isBlank || isLineBreak || self == "\0" }
}
