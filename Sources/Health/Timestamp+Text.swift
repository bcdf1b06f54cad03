// SPDX-License-Identifier: MIT

extension Timestamp: CustomStringConvertible {
  /// In UTC, as ISO 8601 has it: `2026-11-25T21:30:00.123Z`.
  public var description: String {
    let (day, moment) = milliseconds.flooredDivision(by: 86_400_000)
    let (hour, minute, second) = (moment / 3_600_000, moment / 60_000 % 60, moment / 1000 % 60)
    let time = "\(padded(hour)):\(padded(minute)):\(padded(second)).\(padded(moment % 1000, to: 3))"
    return "\(CalendarDate(daysSince1970: day))T\(time)Z"
  }
}

/// A day of the Gregorian calendar, also for the time before it.
private struct CalendarDate: CustomStringConvertible {
  let year: Int64
  let month: Int64
  let day: Int64

  /// Counts in eras of 400 years, which all have the same number of days; and in years that begin in March, so that the
  /// leap day is the last one of its year. The months from March on have 31, 30, 31, 30, 31 days, over and over: 153 in
  /// five months.
  init(daysSince1970 days: Int64) {
    let daysFromYear0ToMarch1970: Int64 = 719_468
    let (era, dayOfEra) = (days + daysFromYear0ToMarch1970).flooredDivision(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
  }

  var description: String { "\(padded(year, to: 4))-\(padded(month))-\(padded(day))" }
}

extension Int64 {
  /// The remainder is never negative.
  fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

private func padded(_ number: Int64, to width: Int = 2) -> String {
  let digits = String(number.magnitude)
  return (number < 0 ? "-" : "") + String(repeating: "0", count: max(width - digits.count, 0)) + digits
}
