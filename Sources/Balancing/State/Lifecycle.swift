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

  /// What follows when an operator wants `state`.
  ///
  /// Who drains goes on draining to the same deadline; who is down has no flows that it could keep.
  func following(_ state: AdministrativeState, now: Tick, drainTimeout: UInt32) -> Lifecycle {
    switch (state, self) {
    case (.up, _): .serving
    case (.down, _): .down
    case (.drain, .serving): .draining(since: now, until: now.advanced(by: drainTimeout))
    case (.drain, _): self
    }
  }
}
