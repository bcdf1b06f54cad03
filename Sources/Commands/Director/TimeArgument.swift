// SPDX-License-Identifier: MIT
import ArgumentParser

/// A span of time at the command line: a number of seconds, minutes or hours, such as `90s`, `10m` or `2h`.
struct TimeArgument: ExpressibleByArgument, CustomStringConvertible {
  let duration: Duration
  let description: String

  init?(argument: String) {
    guard let seconds = ["s": 1, "m": 60, "h": 3_600][argument.suffix(1)], let count = UInt16(argument.dropLast())
    else { return nil }
    duration = .seconds(Int(count) * seconds)
    description = argument
  }

  private init(minutes: Int) {
    duration = .seconds(60 * minutes)
    description = "\(minutes)m"
  }

  static let tenMinutes = TimeArgument(minutes: 10)

  var defaultValueDescription: String { description }
}
