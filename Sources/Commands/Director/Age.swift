// SPDX-License-Identifier: MIT
import FoundationEssentials
import Health

/// How long ago something was.
struct Age: CustomStringConvertible {
  private let seconds: Int64

  /// A clock that was set back makes nothing younger than now.
  init(of moment: Timestamp, at now: Timestamp) {
    seconds = max(0, now.since(moment).components.seconds)
  }

  /// In at most six characters: `59 s`, `59 min`, `47 h`, `99 d`.
  var description: String {
    switch seconds {
    case ..<60: "\(seconds) s"
    case ..<3_600: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3_600) h"
    default: "\(seconds / 86_400) d"
    }
  }
}

extension Timestamp {
  static var now: Timestamp { Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1_000)) }

  /// In UTC, to the second: `2026-11-25T21:00:03Z`.
  var text: String { Date(timeIntervalSince1970: Double(milliseconds / 1_000)).formatted(.iso8601) }
}
