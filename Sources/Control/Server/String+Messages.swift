// SPDX-License-Identifier: MIT

// What came from outside, in messages for people.
extension String {
  /// At most 80 characters, none of which moves a terminal's cursor.
  var forMessages: String { forMessages(upTo: 80) }

  func forMessages(upTo limit: Int) -> String {
    let printable = String(unicodeScalars.map { $0.properties.isPrintable ? Character($0) : "?" })
    return printable.count <= limit ? printable : printable.prefix(limit - 1) + "…"
  }

}

extension Unicode.Scalar.Properties {
  fileprivate var isPrintable: Bool {
    switch generalCategory {
    case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}
