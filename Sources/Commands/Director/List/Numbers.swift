// SPDX-License-Identifier: MIT

/// A number that is not negative, with one decimal.
func oneDecimal(_ value: Double) -> String {
  let tenths = Int((value * 10).rounded())
  return "\(tenths / 10).\(tenths % 10)"
}

/// A rate in at most five characters: `1234`, `12.3k`, `123k`.
func scaled(_ rate: Double) -> String {
  var (value, unit) = (rate, "")
  for larger in ["k", "M", "G", "T"] where value >= 9_999.5 { (value, unit) = (value / 1000, larger) }
  return unit.isEmpty || value >= 99.95 ? "\(Int(value.rounded()))\(unit)" : oneDecimal(value) + unit
}
