// SPDX-License-Identifier: MIT
import Health
import TestSupport
import Testing

@Suite struct HealthTrackerTests {
  /// A second per letter: `+` succeeds, `-` times out, `r` is refused. The result says after each what the server is.
  private static func states(
    of rounds: String, rise: Int = 2, fall: Int = 3, isUp: Bool? = nil
  ) -> String {
    var tracker = HealthTracker(check: check(rise: rise, fall: fall), now: moment(0), isUp: isUp)
    return String(
      rounds.enumerated().map { second, round in
        tracker.record(result(round), at: moment(second + 1))
        return tracker.health.isUp == true ? "u" : "d"
      })
  }

  @Test(arguments: [
    // The first round decides at once, rise and fall afterwards.
    ("+", "u"), ("-", "d"), ("-++", "ddu"), ("+--+---", "uuuuuud"), ("-+-+-++", "ddddddu"),
    // Kinds of failures count alike.
    ("+-r-", "uuud"),
  ])
  func `the first round decides at once, and rise and fall afterwards`(rounds: String, states: String) {
    #expect(Self.states(of: rounds) == states)
  }

  @Test(arguments: [
    (true, "--", "uu"), (true, "---", "uud"), (true, "+---", "uuud"), (false, "+", "d"), (false, "++", "du"),
    (false, "-++", "ddu"),
  ])
  func `what was known before holds until rounds say otherwise`(isUp: Bool, rounds: String, states: String) {
    #expect(Self.states(of: rounds, isUp: isUp) == states)
  }

  @Test(arguments: [(1, 1, "+-+-"), (2, 3, "+---++---++")])
  func `the first two falls are not damped`(rise: Int, fall: Int, rounds: String) {
    let last = Self.states(of: rounds, rise: rise, fall: fall).last
    #expect(last == (rounds.last == "+" ? "u" : "d"))
  }

  @Test func `each fall beyond the second doubles the successes that are needed, up to 32 times`() {
    var tracker = HealthTracker(check: check(rise: 1, fall: 1), now: moment(0))
    var second = 0
    var needed: [Int] = []
    for _ in 0..<9 {
      while tracker.health.isUp != true {
        tracker.record(RoundResult(), at: moment(second))
        second += 1
      }
      tracker.record(result("-"), at: moment(second))
      second += 1
      needed.append(tracker.health.neededSuccesses)
    }
    #expect(needed == [1, 1, 2, 4, 8, 16, 32, 32, 32])
  }

  @Test func `falls are forgotten five minutes later`() {
    var tracker = HealthTracker(check: check(rise: 1, fall: 1), now: moment(0))
    for (second, round) in "+-+-+-".enumerated() { tracker.record(result(round), at: moment(second)) }
    #expect(tracker.health.neededSuccesses == 2)
    tracker.record(result("-"), at: moment(301))
    #expect(tracker.health.neededSuccesses == 2)
    tracker.record(result("-"), at: moment(302))
    #expect(tracker.health.neededSuccesses == 1)
  }

  @Test func `falls of the future are forgotten: the clock was set back`() {
    var tracker = HealthTracker(check: check(rise: 1, fall: 1), now: moment(9000))
    for (second, round) in "+-+-+-".enumerated() { tracker.record(result(round), at: moment(9000 + second)) }
    tracker.record(RoundResult(), at: moment(0))
    #expect(tracker.health.isUp == true)
  }

  @Test func `changes are reported, and other kinds of failure while it is not up`() {
    var tracker = HealthTracker(check: check(rise: 2, fall: 2), now: moment(0))
    let reports = "-rr-+++r-rr-".enumerated().map { tracker.record(result($1), at: moment($0)) }
    #expect(reports == [true, true, false, true, false, true, false, false, true, true, false, true])
  }

  @Test func `a restored server that is down reports its first failure`() {
    var tracker = HealthTracker(check: check(), now: moment(0), isUp: false)
    let isReported = tracker.record(result("-"), at: moment(1))
    #expect(isReported)
  }

  @Test func `the moment of a change, the streak and the latest failure are kept`() {
    var tracker = HealthTracker(check: check(rise: 2, fall: 2), now: moment(0))
    for (second, round) in "++-r+".enumerated() { tracker.record(result(round), at: moment(second)) }
    let health = tracker.health
    #expect(health.isUp == false)
    #expect(health.since == moment(3))
    #expect(health.streak == 1)
    #expect(health.lastFailure == TargetHealth.Event(at: moment(3), failure: CheckFailure(.refused, "")))
  }

  @Test func `the history has changes and rounds that were not like the one before, the latest sixteen`() {
    var tracker = HealthTracker(check: check(rise: 2, fall: 3), now: moment(0))
    for (second, round) in "++--r--+".enumerated() { tracker.record(result(round), at: moment(second)) }
    // Up; first time-out; refused, which is the third failure: down; time-out again; success.
    #expect(tracker.health.history.map(\.at) == [0, 2, 4, 5, 7].map(moment))
    for second in 10..<60 { tracker.record(result(second % 2 == 0 ? "r" : "-"), at: moment(second)) }
    #expect(tracker.health.history.map(\.at) == (44..<60).map(moment))
  }

  @Test func `round trips stay, and what the ways came to is that of the latest round`() {
    var tracker = HealthTracker(check: check(), now: moment(0))
    let legs: [CheckFailure.Leg: Bool] = [.tunnel: false, .direct: true]
    tracker.record(RoundResult(roundTrip: .milliseconds(3), legs: legs), at: moment(1))
    #expect(tracker.health.legs == legs)
    tracker.record(result("-"), at: moment(2))
    #expect(tracker.health.roundTrip == .milliseconds(3))
    #expect(tracker.health.legs.isEmpty)
  }

  @Test func `a check that is configured anew decides from the next round on`() {
    var tracker = HealthTracker(check: check(rise: 2, fall: 5), now: moment(0))
    for (second, round) in "+--".enumerated() { tracker.record(result(round), at: moment(second)) }
    tracker.adopt(check(rise: 4, fall: 2))
    #expect(tracker.health.isUp == true)
    tracker.record(result("-"), at: moment(3))
    #expect(tracker.health.isUp == false)
    #expect(tracker.health.neededSuccesses == 4)
  }
}

private func moment(_ seconds: Int) -> Timestamp { Timestamp(milliseconds: Int64(seconds) * 1000) }

private func check(rise: Int = 2, fall: Int = 3) -> HealthCheck {
  HealthCheck(name: "web", question: .tcp, rise: rise, fall: fall)
}

private func result(_ round: Character) -> RoundResult {
  switch round {
  case "+": RoundResult(roundTrip: .milliseconds(1))
  case "r": RoundResult(failure: CheckFailure(.refused, ""))
  default: RoundResult(failure: CheckFailure(.timeout, ""))
  }
}
