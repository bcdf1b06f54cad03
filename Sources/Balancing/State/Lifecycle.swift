// SPDX-License-Identifier: MIT
public import DataPlane

/// What a destination does at the moment.
public enum Lifecycle: Hashable, Sendable {
  /// Takes its share of new flows.
  case serving
  /// Keeps the flows it has, from `since` until all have ended, at the latest until the deadline.
  case draining(since: Tick, until: Tick)
  /// Takes nothing.
  case down

  /// Whether packets may be sent to it.
  public var isAlive: Bool { self != .down }

  /// What follows when it is to play `part`.
  ///
  /// Who drains goes on draining to the same deadline; who is down has no flows that it could keep.
  func following(_ part: Member.Part, now: Tick, drainTimeout: UInt32) -> Lifecycle {
    let deadline = part == .standby ? Tick(rawValue: .max) : now.advanced(by: drainTimeout)
    switch (part, self) {
    case (.serving, _): return .serving
    case (.down, _), (_, .down): return .down
    case (_, .serving): return .draining(since: now, until: deadline)
    // From standby to drain or back.
    case (.standby, .draining(let since, _)): return .draining(since: since, until: deadline)
    case (.draining, .draining(let since, let until)):
      return .draining(since: since, until: until.rawValue == .max ? deadline : until)
    }
  }
}
