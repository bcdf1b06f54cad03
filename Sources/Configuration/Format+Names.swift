// SPDX-License-Identifier: MIT
import Wire

/// Names of hosts, groups and permissions.
extension Format {
  /// A domain name in ASCII, with or without the dot at its end (RFC 1035, 2.3.4).
  static func domainName(_ text: String) throws(Refusal) -> String {
    guard text != "." else { return text }
    let labels = (text.hasSuffix(".") ? text.dropLast() : text[...]).split(
      separator: ".", omittingEmptySubsequences: false)
    guard text.utf8.count <= 253, labels.allSatisfy(isLabel) else {
      throw Refusal(reason: "must be a domain name such as www.example.com, not \(quoted(text))")
    }
    return text
  }

  /// Letters, digits, `-` and `_`, up to 63.
  private static func isLabel(_ label: Substring) -> Bool {
    1...63 ~= label.utf8.count && label.first != "-" && label.last != "-"
      && label.utf8.allSatisfy { "-_".utf8.contains($0) || $0.isLetterOrDigit }
  }

  /// A host's name as TLS indicates it: no address, and no dot at its end (RFC 6066, 3).
  static func serverName(_ text: String) throws(Refusal) -> String {
    guard !text.hasSuffix(".") else {
      throw Refusal(
        reason: "must be a host name without a dot at its end, not \(quoted(text))", suggestion: String(text.dropLast())
      )
    }
    guard IPAddress(text) == nil, let name = try? domainName(text), !name.contains("_") else {
      throw Refusal(
        reason: "must be a host name such as www.example.com, not \(quoted(text)); addresses are not indicated")
    }
    return name
  }

  /// A group of this host by its name, as `groupadd` accepts it.
  static func group(_ text: String) throws(Refusal) -> String {
    guard 1...32 ~= text.utf8.count, text.first != "-",
      text.utf8.allSatisfy({ "-_.".utf8.contains($0) || $0.isLetterOrDigit })
    else {
      throw Refusal(
        reason: "must be a group's name: 1 to 32 letters, digits, \"-\", \"_\" or \".\", not \(quoted(text))")
    }
    return text
  }

  /// Permission bits of a socket, in octal digits. Who connects needs to read and write.
  static func socketMode(_ text: String) throws(Refusal) -> UInt16 {
    guard text.utf8.count == 3, let mode = UInt16(text, radix: 8), [0o600, 0o606, 0o660, 0o666].contains(mode) else {
      let bits = UInt16(text.hasPrefix("0o") ? String(text.dropFirst(2)) : text, radix: 8)
      throw Refusal(
        reason: "must be 600, 660 or 666, for who connects needs to read and write, not \(quoted(text))",
        suggestion: bits.flatMap(suggestedMode))
    }
    return mode
  }

  /// The mode that gives what `bits` gives, if that is anything like one.
  private static func suggestedMode(for bits: UInt16) -> String? {
    guard bits & 0o600 == 0o600, bits <= 0o777 else { return nil }
    let whole = [0o600, 0o060, 0o006].filter { bits & $0 != 0 }.reduce(0) { $0 | UInt16($1) }
    return String(whole, radix: 8)
  }
}
