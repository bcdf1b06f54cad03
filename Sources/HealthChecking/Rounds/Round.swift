// SPDX-License-Identifier: MIT
import Balancing
import Health

/// What the ways of one round have come to, and what follows from that.
struct Round {
  private let target: CheckTarget
  /// When it ends, come what may.
  let deadline: Instant
  /// How the small probe, or the command, ended on each way.
  private var small: [CheckFailure.Leg: Result<Void, CheckFailure>] = [:]
  /// How the full-size probe ended.
  private var full: Result<Void, CheckFailure>?
  private let legs: [CheckFailure.Leg]
  private let hasFullSize: Bool
  private var roundTrip: Duration?

  /// A round that starts at `now`, on these ways.
  init(_ target: CheckTarget, legs: [CheckFailure.Leg], hasFullSize: Bool, at now: Instant) {
    self.target = target
    self.legs = legs
    self.hasFullSize = hasFullSize
    deadline = now + target.check.timeout
  }

  mutating func end(small ending: Result<Void, CheckFailure>, on leg: CheckFailure.Leg, roundTrip: Duration?) {
    small[leg] = ending
    // The tunnel's where there are both: it is what clients meet.
    if leg == .tunnel || self.roundTrip == nil { self.roundTrip = roundTrip ?? self.roundTrip }
  }

  mutating func end(fullSize ending: Result<Void, CheckFailure>) {
    full = ending
  }

  /// What it came to; nil while that is open.
  var result: RoundResult? {
    guard small.count == legs.count else { return nil }
    if let failure = smallFailure { return result(failure) }
    guard hasFullSize else { return result(nil) }
    return full.map { result($0.failure.map(fullSizeFailure)) }
  }

  private func result(_ failure: CheckFailure?) -> RoundResult {
    let outcomes = legs.count > 1 ? small.mapValues { $0.failure == nil } : [:]
    return RoundResult(failure: failure, roundTrip: roundTrip, legs: outcomes)
  }

  private var smallFailure: CheckFailure? {
    guard let leg = legs.first(where: { small[$0]?.failure != nil }), var failure = small[leg]?.failure else {
      return nil
    }
    failure.leg = leg
    failure.detail += comparison(leg)
    return failure
  }

  /// What it means that one way fails and the other does not.
  private func comparison(_ leg: CheckFailure.Leg) -> String {
    guard legs.contains(where: { small[$0]?.failure == nil }) else { return "" }
    switch leg {
    case .tunnel: return "; direct answers, tunnel does not: run 'culvert real doctor' on \(target.server.name)"
    case .direct: return "; tunnel answers, direct does not"
    }
  }

  private func fullSizeFailure(_ failure: CheckFailure) -> CheckFailure {
    var failure = failure
    failure.kind = .fullSize
    return failure
  }
}

extension Result where Success == Void {
  var failure: Failure? {
    if case .failure(let failure) = self { return failure }
    return nil
  }
}
