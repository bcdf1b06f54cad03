// SPDX-License-Identifier: MIT

/// Finds the anchors (`&name`) and aliases (`*name`) of a YAML text, before the parser follows them: ten lines of aliases
/// of aliases stand for more nodes than it could compare in a lifetime, which it does where they are a key.
///
/// Tokens are told apart as libyaml does. Behind the place where libyaml refuses a text, what is found is of no meaning.
struct AnchorScanner {
  private var text: TextCursor
  /// How deep in braces and brackets.
  private var flowLevel = 0
  /// The columns of the lists and mappings that are open outside of those.
  private var indents: [Int] = []
  /// Whether a token here may be a key, outside of braces and brackets.
  private var mayBeginKey = true
  /// Where the token stands that is a key if ":" follows in its line.
  private var key: Position?
  private var found: [Position] = []

  /// Where they stand, in the order of the text.
  static func anchors(in text: String) -> [Position] {
    var scanner = AnchorScanner(text: TextCursor(text))
    repeat { scanner.skipToToken() } while scanner.takeToken()
    return scanner.found
  }

  private init(text: TextCursor) {
    self.text = text
  }

  /// Goes behind blanks, comments and line breaks.
  private mutating func skipToToken() {
    while true {
      if text.column == 1, text.peek() == "\u{FEFF}" { text.skip() }
      text.skip(while: \.isBlank)
      if text.peek() == "#" { text.skipLine() }
      guard text.peek().isLineBreak else { return }
      text.skip()
      if flowLevel == 0 { mayBeginKey = true }
    }
  }

  /// Goes behind a token; false at the end, or where no token begins.
  private mutating func takeToken() -> Bool {
    close(downTo: text.column)
    let isBeforeSpace = text.peek(1).isSpace
    switch text.peek() {
    case "\0", "@", "`": return false
    case "%" where text.column == 1: takeDirective()
    case _ where isAtDocumentMarker: takeDocumentMarker()
    case "[", "{", "]", "}", ",": takeFlowIndicator()
    case "-" where isBeforeSpace: takeBlockIndicator()
    case "?" where isBeforeSpace || flowLevel > 0: takeBlockIndicator()
    case ":" where isBeforeSpace || flowLevel > 0: takeColon()
    case "&", "*": takeAnchor()
    case "!": takeTag()
    case "|", ">": takeBlockScalar()
    case "'", "\"": takeQuotedScalar()
    default: takePlainScalar()
    }
    return true
  }
}

// MARK: - Structure

extension AnchorScanner {
  private var indent: Int { indents.last ?? 0 }

  /// A list or mapping stands at `column`: it is a new one, if that is further right than the others.
  private mutating func open(at column: Int) {
    if flowLevel == 0, indent < column { indents.append(column) }
  }

  private mutating func close(downTo column: Int) {
    while flowLevel == 0, indent > column { indents.removeLast() }
  }

  private mutating func beginToken() {
    guard flowLevel == 0 else { return }
    if mayBeginKey { key = text.position }
    mayBeginKey = false
  }

  private var isAtDocumentMarker: Bool {
    text.column == 1 && (text.isAt("---") || text.isAt("...")) && text.peek(3).isSpace
  }

  private mutating func takeDocumentMarker() {
    close(downTo: 0)
    mayBeginKey = false
    for _ in 0..<3 { text.skip() }
  }

  private mutating func takeDirective() {
    close(downTo: 0)
    mayBeginKey = false
    text.skipLine()
  }

  private mutating func takeFlowIndicator() {
    switch text.peek() {
    case "[", "{":
      beginToken()
      flowLevel += 1
    case "]", "}":
      flowLevel = max(0, flowLevel - 1)
      mayBeginKey = false
    default: break
    }
    text.skip()
  }

  /// "-" in front of an item, "?" in front of a key.
  private mutating func takeBlockIndicator() {
    open(at: text.column)
    if flowLevel == 0 {
      key = nil
      mayBeginKey = true
    }
    text.skip()
  }

  private mutating func takeColon() {
    if flowLevel == 0 {
      let isBehindKey = key?.line == text.line
      open(at: isBehindKey ? key?.column ?? text.column : text.column)
      mayBeginKey = !isBehindKey
      key = nil
    }
    text.skip()
  }
}

// MARK: - Content

extension AnchorScanner {
  private mutating func takeAnchor() {
    found.append(text.position)
    beginToken()
    text.skip()
    text.skip { "a"..."z" ~= $0 || "A"..."Z" ~= $0 || "0"..."9" ~= $0 || $0 == "_" || $0 == "-" }
  }

  private mutating func takeTag() {
    beginToken()
    let isVerbatim = text.peek(1) == "<"
    let isFlow = flowLevel > 0
    text.skip { !$0.isSpace && (isVerbatim ? $0 != ">" : !isFlow || $0 != ",") }
    if isVerbatim { text.skip() }
  }

  private mutating func takeQuotedScalar() {
    let quote = text.peek()
    beginToken()
    text.skip()
    while text.peek() != "\0" {
      let isPair = quote == "'" ? text.isAt("''") : text.peek() == "\\"
      if text.peek() == quote, !isPair { break }
      if isPair { text.skip() }
      text.skip()
    }
    text.skip()
  }

  /// A plain scalar goes on in the next line, if that is further right than the mapping that it is in.
  private mutating func takePlainScalar() {
    beginToken()
    var lastLine = text.line
    while !isAtDocumentMarker, text.peek() != "#" {
      while !endsPlainScalar {
        lastLine = text.line
        text.skip()
      }
      guard text.peek().isBlank || text.peek().isLineBreak else { break }
      text.skip { $0.isBlank || $0.isLineBreak }
      if flowLevel == 0, text.column <= indent { break }
    }
    mayBeginKey = text.line != lastLine
  }

  private var endsPlainScalar: Bool {
    switch text.peek() {
    case ":": text.peek(1).isSpace
    case ",", "[", "]", "{", "}": flowLevel > 0
    case let other: other.isSpace
    }
  }

  /// A literal or folded scalar: all lines that are so far right as the first one, or as its header says.
  private mutating func takeBlockScalar() {
    key = nil
    mayBeginKey = true
    text.skip()
    let step = [text.peek(), text.peek(1)].first { "1"..."9" ~= $0 }.map { Int($0.value) - 0x30 }
    text.skipLine()
    text.skip()
    let column = skipEmptyLines(upTo: step.map { max(indent, 1) + $0 })
    while text.column == column, text.peek() != "\0" {
      text.skipLine()
      text.skip()
      _ = skipEmptyLines(upTo: column)
    }
  }

  /// Goes to `column` of the next line that reaches so far, or to what stands before it; gives the column where content
  /// begins.
  private mutating func skipEmptyLines(upTo column: Int?) -> Int {
    var widest = max(indent + 1, 2)
    while true {
      while text.peek() == " ", text.column < column ?? .max { text.skip() }
      widest = max(widest, text.column)
      guard text.peek().isLineBreak else { return column ?? widest }
      text.skip()
    }
  }
}
