// SPDX-License-Identifier: MIT

/// Spans of time as the file writes them: whole days, hours, minutes, seconds and milliseconds, such as `1h30m`.
enum TimeText {
  /// In milliseconds. Longest first, which is also the order they must be written in.
  private static let units: KeyValuePairs<String, Int64> = [
    "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1,
  ]

  /// The shortest text of a whole number of milliseconds.
  static func text(of duration: Duration) -> String {
    var rest = duration.milliseconds
    var text = ""
    for (unit, length) in units where rest >= length {
      text += "\(rest / length)\(unit)"
      rest %= length
    }
    return text.isEmpty ? "0s" : text
  }

  /// Reads such a text; `nil` if it is none. Nothing longer than `Int32.max` seconds is one.
  static func duration(of text: String) -> Duration? {
    var rest = text[...]
    var total: Int64 = 0
    for (unit, length) in units {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard rest.dropFirst(digits.count).prefix(while: \.isLetter) == unit else { continue }
      guard let count = Int32(digits) else { return nil }
      total += Int64(count) * length
      rest = rest.dropFirst(digits.count + unit.count)
    }
    let isTime = rest.isEmpty && !text.isEmpty && total <= Int64(Int32.max) * 1_000
    return isTime ? .milliseconds(total) : nil
  }
}

extension Duration {
  /// Whole milliseconds.
  fileprivate var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}

extension Format {
  /// A span of time within a range, given in seconds and written in whole ones.
  static func duration(in range: ClosedRange<Int>) -> (String) throws(Refusal) -> Duration {
    let read = time(in: .seconds(range.lowerBound) ... .seconds(range.upperBound), such: "90s, 15m or 1h30m")
    return { text throws(Refusal) in
      let time = try read(text)
      guard time.components.attoseconds == 0 else {
        throw Refusal(reason: "must be whole seconds, not \(quoted(text))")
      }
      return time
    }
  }

  /// A span of time within a range, to the millisecond. `examples` are for messages.
  static func time(
    in range: ClosedRange<Duration>, such examples: String = "500ms, 2s or 1m"
  ) -> (String) throws(Refusal) -> Duration {
    { text throws(Refusal) in
      guard let time = TimeText.duration(of: text), range ~= time else {
        let limits = [range.lowerBound, range.upperBound].map(TimeText.text)
        throw Refusal(
          reason: "must be a time from \(limits[0]) to \(limits[1]), such as \(examples), not \(quoted(text))",
          suggestion: Int32(text).flatMap { range ~= .seconds($0) ? "\($0)s" : nil })
      }
      return time
    }
  }
}
