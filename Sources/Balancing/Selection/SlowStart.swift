// SPDX-License-Identifier: MIT

/// How the weight of a server grows that has come up: with the time, in tenths, from one tenth to all of it.
public enum SlowStart {
  /// The part of the weight that counts `elapsed` after the server came up, in percent: 10, 20 … 100. All of it counts
  /// after `total` (`Service.slowStart`).
  public static func ramp(after elapsed: Duration, of total: Duration) -> Int { tenths(elapsed, total) * 10 }

  /// How long it is from then until more counts; nil when all does.
  public static func timeToNextStep(after elapsed: Duration, of total: Duration) -> Duration? {
    let tenths = tenths(elapsed, total)
    return tenths == 10 ? nil : total * (tenths + 1) / 10 - elapsed
  }

  private static func tenths(_ elapsed: Duration, _ total: Duration) -> Int {
    (1...10).last { total * $0 / 10 <= elapsed } ?? 1
  }
}
