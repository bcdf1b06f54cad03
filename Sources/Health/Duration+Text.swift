// SPDX-License-Identifier: MIT

extension Duration {
  /// For people: `250 µs`, `12 ms`, `3.2 s`, `4 min`, `2 h`, `5 d`. Cut off, not rounded: what a unit says has passed.
  ///
  /// A unit from minutes on is used from two of it on, so that what is cut off is at most a third.
  public var shortText: String {
    guard self >= .zero else { return "-" + (.zero - self).shortText }
    let (seconds, attoseconds) = components
    let microseconds = attoseconds / 1_000_000_000_000
    return switch seconds {
    case 0 where microseconds < 1000: "\(microseconds) µs"
    case 0: "\(microseconds / 1000) ms"
    case ..<10: "\(seconds)\(microseconds < 100_000 ? "" : ".\(microseconds / 100_000)") s"
    case ..<120: "\(seconds) s"
    case ..<7200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) d"
    }
  }
}
