// SPDX-License-Identifier: MIT

/// Spans of time as the file writes them: whole days, hours, minutes and seconds, such as `1h30m`.
enum TimeText {
  /// Longest first, which is also the order they must be written in.
  private static let units: KeyValuePairs<Character, Int> = ["d": 86_400, "h": 3_600, "m": 60, "s": 1]

  /// The shortest text of a whole number of seconds.
  static func text(of duration: Duration) -> String {
    var rest = duration.components.seconds
    var text = ""
    for (unit, seconds) in units where rest >= seconds {
      text += "\(rest / Int64(seconds))\(unit)"
      rest %= Int64(seconds)
    }
    return text.isEmpty ? "0s" : text
  }

  /// Reads such a text; `nil` if it is none. Nothing longer than `Int32.max` seconds is one.
  static func seconds(of text: String) -> Int? {
    var rest = text[...]
    var total = 0
    for (unit, seconds) in units {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard rest.dropFirst(digits.count).first == unit else { continue }
      guard let count = Int32(digits), total + Int(count) * seconds <= Int(Int32.max) else { return nil }
      total += Int(count) * seconds
      rest = rest.dropFirst(digits.count + 1)
    }
    return rest.isEmpty && !text.isEmpty ? total : nil
  }
}

extension Format {
  /// A span of time within a range given in seconds.
  static func duration(in range: ClosedRange<Int>) -> (String) throws(Refusal) -> Duration {
    { text throws(Refusal) in
      let limits = [range.lowerBound, range.upperBound].map { TimeText.text(of: .seconds($0)) }
      guard let seconds = TimeText.seconds(of: text), range ~= seconds else {
        throw Refusal(
          reason: """
            must be a time from \(limits[0]) to \(limits[1]), such as 90s, 15m or 1h30m, not \(quoted(text))
            """,
          suggestion: Int(text).flatMap { range ~= $0 ? "\($0)s" : nil })
      }
      return .seconds(seconds)
    }
  }
}
