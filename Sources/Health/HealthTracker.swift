// SPDX-License-Identifier: MIT

/// Makes of the rounds of one check of one real server whether it is up: rise, fall, and damping of what flaps.
///
/// The first round decides at once. Afterwards `fall` failures in a row make it down, and `rise` successes in a row make
/// it up. Each fall within the latest five minutes beyond the second doubles the successes that are needed, up to 32
/// times `rise`.
public struct HealthTracker: Sendable {
  public private(set) var health: TargetHealth
  private var check: HealthCheck
  /// When it went from up to down, as far back as damping looks.
  private var falls: [Timestamp] = []
  /// nil before the first round of this tracker.
  private var latest: RoundResult?

  /// How far back damping looks.
  private static var memory: Duration { .seconds(300) }
  private static var eventLimit: Int { 16 }

  /// `isUp` is what was known before, which holds until rounds say otherwise; nil for a new server.
  public init(check: HealthCheck, now: Timestamp, isUp: Bool? = nil) {
    self.check = check
    health = TargetHealth(isUp: isUp, since: now, neededSuccesses: isUp == nil ? 1 : check.rise)
  }

  /// The check is configured anew: what is known stays, and the next round goes by it.
  public mutating func adopt(_ check: HealthCheck) {
    self.check = check
  }

  /// Takes in a round that ended at `now`.
  ///
  /// - Returns: Whether `isUp` changed, or the kind of failure of a server that is not up.
  @discardableResult
  public mutating func record(_ result: RoundResult, at now: Timestamp) -> Bool {
    let before = health
    count(result)
    forgetFalls(at: now)
    decide(result, at: now)
    let hasChanged = health.isUp != before.isUp
    remember(result, at: now, hasChanged: hasChanged)
    return hasChanged || health.isUp != true && health.lastFailure?.failure?.kind != before.lastFailure?.failure?.kind
  }

  private mutating func count(_ result: RoundResult) {
    health.streak = latest?.isSuccess == result.isSuccess ? health.streak + 1 : 1
    health.roundTrip = result.roundTrip ?? health.roundTrip
    health.legs = result.legs
  }

  /// Those of the future too: the clock was set back.
  private mutating func forgetFalls(at now: Timestamp) {
    falls.removeAll { !(.zero...Self.memory ~= now.since($0)) }
    health.neededSuccesses = dampedRise
  }

  /// The successes in a row that make it up.
  private var dampedRise: Int { check.rise << min(max(falls.count - 2, 0), 5) }

  private mutating func decide(_ result: RoundResult, at now: Timestamp) {
    switch health.isUp {
    case nil: change(to: result.isSuccess, at: now)
    case true? where !result.isSuccess && health.streak >= check.fall:
      falls.append(now)
      change(to: false, at: now)
    case false? where result.isSuccess && health.streak >= dampedRise: change(to: true, at: now)
    default: break
    }
  }

  private mutating func change(to isUp: Bool, at now: Timestamp) {
    health.isUp = isUp
    health.since = now
    health.neededSuccesses = dampedRise
  }

  /// Events are changes, and rounds that were not like the one before.
  private mutating func remember(_ result: RoundResult, at now: Timestamp, hasChanged: Bool) {
    let event = TargetHealth.Event(at: now, failure: result.failure)
    if result.failure != nil { health.lastFailure = event }
    let isRepeated =
      latest.map { $0.failure?.kind == result.failure?.kind && $0.failure?.leg == result.failure?.leg } ?? false
    latest = result
    guard hasChanged || !isRepeated else { return }
    health.history = health.history.suffix(Self.eventLimit - 1) + [event]
  }
}
