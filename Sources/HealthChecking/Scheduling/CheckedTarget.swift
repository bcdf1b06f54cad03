// SPDX-License-Identifier: MIT
import Health

/// A target, its rounds, and what they have come to.
final class CheckedTarget {
  private(set) var target: CheckTarget
  private(set) var way: CheckWay
  private(set) var runner: RoundRunner
  private(set) var tracker: HealthTracker
  private var rhythm: Rhythm
  /// When the next round starts; nil while one runs, or waits for its turn.
  private var start: Instant?
  /// The moment for which it is in the queue of deadlines.
  var scheduled: Instant?
  /// Whether it is checked no more.
  private(set) var isOver = false

  init(
    _ target: CheckTarget, _ way: CheckWay, _ runner: RoundRunner, isUp: Bool?, at now: Instant, epoch: Instant
  ) {
    self.target = target
    self.way = way
    self.runner = runner
    tracker = HealthTracker(check: target.check, now: .now, isUp: isUp)
    rhythm = target.rhythm(from: now, epoch: epoch)
    start = rhythm.first
  }

  /// What is to be done next, and when; nil if the target waits for its turn.
  var deadline: Instant? { runner.isRunning ? runner.deadline : start }

  /// Whether it is time for a round.
  func isDue(at now: Instant) -> Bool { start.map { $0 <= now } ?? false }

  /// A round is due: it waits for its turn from now on.
  func wait() {
    start = nil
  }

  /// Starts a round; the next one follows in the target's rhythm.
  func begin(at now: Instant) {
    runner.begin(at: now)
    start = rhythm.next(after: now)
  }

  /// Lets `body` go on with the round.
  func advance<Result>(_ body: (inout RoundRunner) -> Result) -> Result { body(&runner) }

  /// Takes in what a round came to; says whether that is to be reported.
  func record(_ result: RoundResult) -> Bool { tracker.record(result, at: .now) }

  /// Goes on with another configuration, or by another way: with a round that starts at once.
  func adopt(_ target: CheckTarget, _ way: CheckWay, _ runner: RoundRunner, at now: Instant, epoch: Instant) {
    self.target = target
    self.way = way
    self.runner = runner
    tracker.adopt(target.check)
    rhythm = target.rhythm(from: now, epoch: epoch)
    start = rhythm.first
  }

  /// Ends the round that runs, and is checked no more.
  func end() {
    isOver = true
    start = nil
  }
}

extension CheckTarget {
  /// By a hash that is another one in each process: two directors do not ask at the same time.
  fileprivate func rhythm(from now: Instant, epoch: Instant) -> Rhythm {
    let place = Double(UInt(bitPattern: identity.hashValue) >> 11) / Double(1 << 53)
    return Rhythm(interval: check.interval, place: place, from: now, epoch: epoch)
  }
}
