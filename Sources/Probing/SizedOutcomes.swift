// SPDX-License-Identifier: MIT

/// An outcome for probes of one size.
public struct SizedOutcome: Hashable, Sendable {
  /// Of the whole packet, IP header included; inside of a tunnel, without what that adds.
  public var bytes: Int
  public var outcome: Outcome
}

/// What became of the smallest probe, and of the largest that a way is to carry.
public struct SizedOutcomes: Hashable, Sendable {
  public var small: SizedOutcome
  /// nil where the small one did not pass, or there is no larger one.
  public var full: SizedOutcome?
  /// The largest probe that passed, in bytes, where the full one did not.
  public var largest: Int?

  /// Whether both sizes came back, as far as that can be told.
  public var isGood: Bool { small.outcome.isGood && full?.outcome.isGood ?? true }

  /// Nothing was sent, and why.
  init(unrouted reason: String) {
    small = SizedOutcome(bytes: 0, outcome: .unrouted(reason))
  }

  /// Probes with `find`, which is given a size: `range.lowerBound`, then `range.upperBound`, and where only the first one
  /// passes, sizes between.
  init(_ range: ClosedRange<Int>, _ find: (Int) throws -> Outcome) rethrows {
    small = SizedOutcome(bytes: range.lowerBound, outcome: try find(range.lowerBound))
    guard small.outcome.isGood, range.count > 1 else { return }
    let full = SizedOutcome(bytes: range.upperBound, outcome: try find(range.upperBound))
    self.full = full
    if !full.outcome.isGood { largest = try Self.largest(in: range, find) }
  }

  /// The largest size that passes, of a range whose first one does and whose last one does not.
  private static func largest(in range: ClosedRange<Int>, _ find: (Int) throws -> Outcome) rethrows -> Int {
    var (passing, failing) = (range.lowerBound, range.upperBound)
    while failing - passing > 1 {
      let size = (passing + failing) / 2
      if try find(size).isGood { passing = size } else { failing = size }
    }
    return passing
  }
}
