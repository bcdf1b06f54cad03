// SPDX-License-Identifier: MIT

/// What the rounds of one check of one real server have come to.
public struct TargetHealth: Hashable, Sendable {
  /// nil before the first round ended: that counts as down.
  public var isUp: Bool?
  /// When `isUp` became what it is.
  public var since: Timestamp
  /// Rounds of the latest kind in a row.
  public var streak: Int
  /// Rounds that must succeed in a row now until it is up; more than the check's `rise` while it is damped.
  public var neededSuccesses: Int
  /// The latest failure, also while it is up.
  public var lastFailure: Event?
  /// The round trip of the latest round that had an answer.
  public var roundTrip: Duration?
  /// What the ways came to in the latest round, where several were tried.
  public var legs: [CheckFailure.Leg: Bool]
  /// The latest changes, and rounds that were not like the one before; the oldest first, at most 16.
  public var history: [Event]

  /// A round that is worth remembering.
  public struct Event: Hashable, Sendable {
    public var at: Timestamp
    /// nil for a success.
    public var failure: CheckFailure?

    public init(at: Timestamp, failure: CheckFailure?) {
      self.at = at
      self.failure = failure
    }
  }

  public init(
    isUp: Bool? = nil, since: Timestamp, streak: Int = 0, neededSuccesses: Int = 1, lastFailure: Event? = nil,
    roundTrip: Duration? = nil, legs: [CheckFailure.Leg: Bool] = [:], history: [Event] = []
  ) {
    self.isUp = isUp
    self.since = since
    self.streak = streak
    self.neededSuccesses = neededSuccesses
    self.lastFailure = lastFailure
    self.roundTrip = roundTrip
    self.legs = legs
    self.history = history
  }
}
