// SPDX-License-Identifier: MIT

extension DNSQuestion {
  /// Whether `name` can be asked for: labels of 1 to 63 characters with a dot between them, a dot at the end or none, 255
  /// bytes in a message at most (RFC 1035, 2.3.4); `.` is the root. Escapes and what is not ASCII are refused:
  /// international names are written as A-labels (RFC 5890), `xn--…`.
  public static func isValid(name: String) -> Bool { name == "." || labels(of: name).map(areValid) == true }

  /// The labels that a valid name is made of; none for the root.
  public var labels: [[UInt8]] { name == "." ? [] : Self.labels(of: name) ?? [] }

  /// nil for an empty name.
  private static func labels(of name: String) -> [[UInt8]]? {
    let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { Array($0) }
    guard name.utf8.last == UInt8(ascii: ".") else { return name.isEmpty ? nil : parts }
    return Array(parts.dropLast())
  }

  private static func areValid(_ labels: [[UInt8]]) -> Bool {
    guard labels.reduce(1, { $0 + 1 + $1.count }) <= 255 else { return false }
    return labels.allSatisfy { label in 1...63 ~= label.count && label.allSatisfy(isValid(character:)) }
  }

  /// Graphic ASCII without the backslash, which would begin an escape.
  private static func isValid(character: UInt8) -> Bool { 0x21...0x7E ~= character && character != UInt8(ascii: "\\") }
}
