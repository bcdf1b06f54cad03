// SPDX-License-Identifier: MIT

/// What stands in health checks.
extension Format {
  /// Part of a whole: `50%`.
  static func percent(_ text: String) throws(Refusal) -> Int {
    guard text.hasSuffix("%"), let percent = try? number(in: 0...100)(String(text.dropLast())) else {
      throw Refusal(
        reason: "must be a percentage from 0% to 100%, not \(quoted(text))",
        suggestion: (try? number(in: 0...100)(text)).map { "\($0)%" })
    }
    return percent
  }

  /// A status code of a final answer, or a range of them (RFC 9110, 15).
  static func status(_ text: String) throws(Refusal) -> ClosedRange<Int> {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
      .map { try? number(in: 200...599)(String($0)) }
    guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
      throw Refusal(
        reason: "must be a status code from 200 to 599, or a range such as 200-299, not \(quoted(text))",
        suggestion: statusClass(text))
    }
    return first...last
  }

  /// The range that `2xx` stands for.
  private static func statusClass(_ text: String) -> String? {
    guard text.count == 3, text.lowercased().hasSuffix("xx"), let digit = text.first, "2345".contains(digit) else {
      return nil
    }
    return "\(digit)00-\(digit)99"
  }

  /// How the file writes it.
  static func text(ofStatus range: ClosedRange<Int>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
  }

  /// Path and query of a request (RFC 9112, 3.2.1).
  static func target(_ text: String) throws(Refusal) -> String {
    guard isTarget(text) else {
      throw Refusal(
        reason: """
          must be a path that begins with "/", of up to 1024 ASCII characters without spaces or a fragment, not \
          \(quoted(text))
          """, suggestion: path(ofURL: text))
    }
    return text
  }

  private static func isTarget(_ text: String) -> Bool {
    text.hasPrefix("/") && text.utf8.count <= 1_024
      && text.utf8.allSatisfy { 0x21...0x7E ~= $0 && $0 != UInt8(ascii: "#") }
  }

  /// The path of `http://name/path`, or what lacks only the slash.
  private static func path(ofURL text: String) -> String? {
    let rest = ["http://", "https://"].first { text.hasPrefix($0) }.map { text.dropFirst($0.count) }
    let path = rest.map { $0.drop { $0 != "/" } } ?? text.drop { $0 == "/" }
    let target = path.hasPrefix("/") ? String(path) : "/\(path)"
    return target != text && isTarget(target) ? target : nil
  }

  /// A method that asks for something (RFC 9110, 9).
  static func method(_ text: String) throws(Refusal) -> String {
    guard 1...32 ~= text.utf8.count, text.utf8.allSatisfy({ UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 }) else {
      let upper = text.uppercased()
      throw Refusal(
        reason: "must be a method in capital letters, such as GET or HEAD, not \(quoted(text))",
        suggestion: text.allSatisfy(\.isLetter) && text.utf8.count <= 32 && upper != text ? upper : nil)
    }
    guard text != "CONNECT" else {
      throw Refusal(reason: "must not be CONNECT, which asks a proxy for a tunnel")
    }
    return text
  }

  /// A host, with or without a port, as in the header of that name (RFC 9110, 7.2).
  static func host(_ text: String) throws(Refusal) -> String {
    guard 1...255 ~= text.utf8.count,
      text.unicodeScalars.allSatisfy({
        $0.isASCII && ($0.properties.isAlphabetic || "0123456789-._:[]".unicodeScalars.contains($0))
      })
    else { throw Refusal(reason: "must be a host name such as www.example.com, not \(quoted(text))") }
    return text
  }

  /// The name of a header field: a token (RFC 9110, 5.6.2).
  static func headerName(_ text: String) throws(Refusal) -> String {
    let marks = "!#$%&'*+-.^_`|~0123456789".utf8
    let isToken = text.utf8.allSatisfy { byte in
      marks.contains(byte) || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 && byte >= 0x41
    }
    guard isToken, 1...64 ~= text.utf8.count else {
      throw Refusal(reason: "must be a token of RFC 9110: letters, digits and \"-\", not \(quoted(text))")
    }
    return text
  }

  /// The value of a header field: printable, with spaces only inside.
  static func headerValue(_ text: String) throws(Refusal) -> String {
    guard text.utf8.count <= 1_024, text.first != " ", text.last != " ",
      text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }), isPlain(text)
    else {
      throw Refusal(
        reason: """
          must be up to 1 KiB of text on one line, without control characters or spaces at its ends, not \
          \(quoted(text))
          """)
    }
    return text
  }

  /// What a body must contain.
  static func body(_ text: String) throws(Refusal) -> String {
    guard 1...1_024 ~= text.utf8.count, isPlain(text) else {
      throw Refusal(reason: "must be a text of at most 1 KiB that the body contains, not \(quoted(text))")
    }
    return text
  }

  /// Whether no zero ends it early, and no byte order mark is in it, of which the parser drops the first.
  private static func isPlain(_ text: String) -> Bool {
    !text.unicodeScalars.contains { "\0\u{FEFF}".unicodeScalars.contains($0) }
  }

  /// One argument of a command.
  static func argument(_ text: String) throws(Refusal) -> String {
    guard text.utf8.count <= 4_096, isPlain(text) else {
      throw Refusal(reason: "must be a text of at most 4 KiB, not \(quoted(text))")
    }
    return text
  }

  /// A program by its path from the root: nothing is looked for, and no shell is asked.
  static func program(_ text: String) throws(Refusal) -> String {
    guard text.hasPrefix("/"), !text.hasSuffix("/") else {
      throw Refusal(reason: "must be a program's path from the root, such as /usr/local/bin/check, not \(quoted(text))")
    }
    return try argument(text)
  }
}
