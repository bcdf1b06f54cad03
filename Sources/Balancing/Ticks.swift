// SPDX-License-Identifier: MIT
import DataPlane

extension Duration {
  /// The number of ticks (2^30 ns) that it takes, rounded up, at most half the clock's range (73 years); a negative
  /// duration takes none.
  public var ticks: UInt32 {
    let limit = UInt32.max / 2
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    guard seconds < Int64(limit) else { return limit }
    let nanoseconds = UInt64(seconds) * 1_000_000_000 + UInt64((attoseconds + 999_999_999) / 1_000_000_000)
    return UInt32((nanoseconds + 1 << 30 - 1) >> 30)
  }
}

extension Tick {
  /// The point in time `ticks` later, at most the clock's end.
  func advanced(by ticks: UInt32) -> Tick {
    let (sum, overflow) = rawValue.addingReportingOverflow(ticks)
    return Tick(rawValue: overflow ? .max : sum)
  }

  /// The point in time `ticks` earlier, at least the clock's start.
  func reduced(by ticks: UInt32) -> Tick {
    Tick(rawValue: rawValue - min(rawValue, ticks))
  }
}
