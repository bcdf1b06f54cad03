// SPDX-License-Identifier: MIT
import Health
import TestSupport
import Testing

@Suite struct HealthTrackerOracleTests {
  @Test func `the tracker says what a naive reading of all rounds says`() {
    let seed = SplitMix64.freshSeed()
    print("HealthTrackerOracleTests: seed \(seed)")
    var random = SplitMix64(seed: seed)
    for _ in 0..<60 {
      let check = HealthCheck(
        name: "web", question: .tcp, rise: 1 + random.below(4), fall: 1 + random.below(4))
      compare(check, known: [nil, true, false][random.below(3)], &random)
    }
  }

  private func compare(_ check: HealthCheck, known: Bool?, _ random: inout SplitMix64) {
    var tracker = HealthTracker(check: check, now: Timestamp(milliseconds: 0), isUp: known)
    var oracle = Oracle(rise: check.rise, fall: check.fall, isUp: known)
    var now = 0
    // Mostly like the round before, so that streaks of all lengths come.
    var isSuccess = random.below(2) == 0
    for _ in 0..<120 {
      now += 500 + random.below(20_000)
      if random.below(4) == 0 { isSuccess.toggle() }
      let before = tracker.health.isUp
      let result = RoundResult(failure: isSuccess ? nil : CheckFailure(.timeout, ""))
      let hasChanged = tracker.record(result, at: Timestamp(milliseconds: Int64(now)))
      oracle.rounds.append((now, isSuccess))
      let expected = oracle.state
      #expect(tracker.health.isUp == expected.isUp)
      #expect(tracker.health.neededSuccesses == expected.needed)
      #expect(tracker.health.since.milliseconds == Int64(expected.since))
      if tracker.health.isUp != before { #expect(hasChanged) }
    }
  }
}

/// Reads all rounds from the first one, each time.
private struct Oracle {
  let rise: Int
  let fall: Int
  let isUp: Bool?
  var rounds: [(at: Int, isSuccess: Bool)] = []

  var state: (isUp: Bool?, needed: Int, since: Int) {
    var (isUp, falls, since) = (self.isUp, [Int](), 0)
    for (index, round) in rounds.enumerated() {
      let last = rounds[...index].reversed().prefix { $0.isSuccess == round.isSuccess }.count
      let before = isUp
      if isUp == nil || (isUp == false && round.isSuccess && last >= needed(falls, at: round.at)) {
        isUp = round.isSuccess
      } else if isUp == true && !round.isSuccess && last >= fall {
        isUp = false
        falls.append(round.at)
      }
      if isUp != before { since = round.at }
    }
    return (isUp, needed(falls, at: rounds.last?.at ?? 0), since)
  }

  private func needed(_ falls: [Int], at now: Int) -> Int {
    var needed = rise
    for _ in falls.filter({ now - $0 <= 300_000 }).dropFirst(2) where needed < rise * 32 { needed *= 2 }
    return needed
  }
}
