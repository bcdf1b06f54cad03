// SPDX-License-Identifier: MIT

/// The entries of a mapping that have a value.
struct YAMLEntries {
  let lines: [String]

  init(_ entries: [(key: String, value: String?)]) {
    lines = entries.compactMap { key, value in value.map { "\(key): \($0)" } }
  }

  /// On one line, between braces.
  var flow: String { "{ \(lines.joined(separator: ", ")) }" }

  /// Texts as a list on one line.
  static func list(_ texts: some Sequence<String>) -> String { "[\(texts.joined(separator: ", "))]" }

  /// Text as a YAML scalar: bare if it cannot be taken for anything else.
  static func plain(_ text: String) -> String {
    if (try? Format.name(text)) != nil { return text }
    return "\"\(text.unicodeScalars.map(escaped).joined())\""
  }

  /// Between double quotes (YAML 1.1, 5.6). What is not surely printable is written as its number.
  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"", "\\": return "\\\(scalar)"
    case " "..."~": return String(scalar)
    case _ where !scalar.isASCII && scalar.properties.isAlphabetic: return String(scalar)
    default:
      let (letter, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x1_0000 ? ("u", 4) : ("U", 8)
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return "\\\(letter)" + String(repeating: "0", count: width - digits.count) + digits
    }
  }
}
