// SPDX-License-Identifier: MIT
import Wire

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

  /// One of a few words.
  static func choice<Choice>(_ choices: KeyValuePairs<String, Choice>) -> (String) throws(Refusal) -> Choice {
    { text throws(Refusal) in
      if let choice = choices.first(where: { $0.key == text }) { return choice.value }
      let words = choices.map(\.key)
      let unknown = UnknownWord(text, known: words)
      throw Refusal(
        reason: "must be \(alternatives(words)), not \(quoted(text))\(unknown.explanation)",
        suggestion: unknown.suggestion)
    }
  }

  /// `a, b or c`.
  private static func alternatives(_ words: [String]) -> String {
    [words.dropLast().joined(separator: ", "), words.last ?? ""].joined(separator: " or ")
  }

  /// An address that a single machine can have.
  static func unicastAddress(_ text: String) throws(Refusal) -> IPAddress {
    guard let address = IPAddress(text) else { throw notAnAddress(text) }
    guard case .v4(let v4) = address else {
      throw Refusal(reason: "is the IPv6 address \(quoted(text)): IPv6 is not supported yet")
    }
    if let kind = v4.specialKind {
      throw Refusal(reason: "must be the address of one machine; \(text) is \(kind)")
    }
    return address
  }

  private static func notAnAddress(_ text: String) -> Refusal {
    if let prefix = IPPrefix(text), prefix.address.version == .v4 {
      return Refusal(
        reason: "must be an address without prefix length, not \(quoted(text))", suggestion: "\(prefix.address)")
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2, IPv4Address(parts[0]) != nil, UInt16(parts[1]) != nil {
      return Refusal(reason: "must be an address without port, not \(quoted(text))", suggestion: String(parts[0]))
    }
    let octets = text.split(separator: ".", omittingEmptySubsequences: false)
    if octets.count == 4, octets.allSatisfy({ UInt8($0, radix: 10) != nil }), !text.contains("+") {
      return Refusal(
        reason: "has an octet with a leading zero, which some programs read as octal: \(quoted(text))",
        suggestion: octets.map { "\(UInt8($0) ?? 0)" }.joined(separator: "."))
    }
    return Refusal(reason: "must be an IPv4 address such as 192.0.2.1, not \(quoted(text)); names are not looked up")
  }
}

extension IPv4Address {
  /// What the address is if it is not one machine's (IANA IPv4 Special-Purpose Address Registry).
  fileprivate var specialKind: String? {
    switch bits >> 24 {
    case 0: "\"this network\" (RFC 1122)"
    case 127: "loopback (RFC 1122)"
    case 224...239: "multicast (RFC 5771)"
    case 255 where bits == .max: "the broadcast address (RFC 919)"
    default: nil
    }
  }
}

extension UInt8 {
  fileprivate var isLetterOrDigit: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
