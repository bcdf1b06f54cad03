// SPDX-License-Identifier: MIT

/// What the text of single values must look like.
enum Format {
  /// Letters, digits, `-`, `_` and `.`, beginning with a letter or digit; up to 63.
  @discardableResult
  static func name(_ text: String) throws(Refusal) -> String {
    let bytes = text.utf8
    guard 1...63 ~= bytes.count, bytes.allSatisfy({ $0.isLetterOrDigit || "-_.".utf8.contains($0) }),
      bytes.first?.isLetterOrDigit == true
    else {
      throw Refusal(
        reason: """
          must be 1 to 63 letters, digits, "-", "_" or ".", beginning with a letter or digit, not \(quoted(text))
          """)
    }
    return text
  }

  /// What the kernel's `dev_valid_name` accepts, if printable: at most 15 bytes (`IFNAMSIZ` less the final zero).
  static func interface(_ text: String) throws(Refusal) -> String {
    guard 1...15 ~= text.utf8.count, text != ".", text != "..",
      text.utf8.allSatisfy({ 0x21...0x7E ~= $0 && !"/:".utf8.contains($0) })
    else {
      throw Refusal(
        reason: """
          must be an interface name (1 to 15 printable characters, no "/", ":" or space), not \(quoted(text))
          """)
    }
    return text
  }

  /// A decimal number without sign, leading zeros or separators.
  static func number(in range: ClosedRange<Int>) -> (String) throws(Refusal) -> Int {
    { text throws(Refusal) in
      let isDecimal = text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      guard isDecimal, text == "0" || !text.hasPrefix("0"), let number = Int(text), range ~= number else {
        throw Refusal(
          reason: "must be a number from \(range.lowerBound) to \(range.upperBound), not \(quoted(text))")
      }
      return number
    }
  }

  /// A member's share: the one number whose zero people mean something by.
  static func weight(_ text: String) throws(Refusal) -> Int {
    guard text != "0" else {
      throw Refusal(
        reason: #"must be from 1 to 65535, not 0; to take a server out of use, write "state: drain" on the server"#)
    }
    return try number(in: 1...65535)(text)
  }

  /// One of a few words; `other` is what else could stand there, for messages.
  static func choice<Choice>(
    _ choices: KeyValuePairs<String, Choice>, or other: String? = nil
  ) -> (String) throws(Refusal) -> Choice {
    { text throws(Refusal) in
      if let choice = choices.first(where: { $0.key == text }) { return choice.value }
      let words = choices.map(\.key)
      let all = Words.alternatives(words + (other.map { [$0] } ?? []))
      let unknown = UnknownWord(text, known: words)
      throw Refusal(
        reason:
          "must be \(all), not \(quoted(text))\(unknown.explanation)",
        suggestion: unknown.suggestion)
    }
  }
}

extension UInt8 {
  var isLetterOrDigit: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
