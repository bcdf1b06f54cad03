// SPDX-License-Identifier: MIT
import Balancing
import Testing

@Suite struct `Slow start` {
  @Test(arguments: [
    (elapsed: 0, ramp: 10, next: 12 as Int?), (11, 10, 1), (12, 20, 6), (17, 20, 1), (18, 30, 6), (54, 90, 6),
    (59, 90, 1), (60, 100, nil), (1_000_000, 100, nil), (-5, 10, 17),
  ])
  func `grows with the time, in tenths`(elapsed: Int, ramp: Int, next: Int?) {
    let (elapsed, total) = (Duration.seconds(elapsed), Duration.seconds(60))
    #expect(SlowStart.ramp(after: elapsed, of: total) == ramp)
    #expect(SlowStart.timeToNextStep(after: elapsed, of: total) == next.map { .seconds($0) })
  }

  @Test func `is over at once where it takes no time`() {
    #expect(SlowStart.ramp(after: .zero, of: .zero) == 100)
    #expect(SlowStart.timeToNextStep(after: .zero, of: .zero) == nil)
  }

  /// Whoever waits for the next step finds it made.
  @Test(arguments: [Duration.seconds(60), .seconds(7), .milliseconds(1), .nanoseconds(7)])
  func `reaches all of it in nine steps`(total: Duration) {
    var (elapsed, ramps) = (Duration.zero, [SlowStart.ramp(after: .zero, of: total)])
    while let wait = SlowStart.timeToNextStep(after: elapsed, of: total) {
      elapsed += wait
      ramps.append(SlowStart.ramp(after: elapsed, of: total))
    }
    #expect(ramps == Array(stride(from: 10, through: 100, by: 10)))
    #expect(elapsed == total)
  }
}
