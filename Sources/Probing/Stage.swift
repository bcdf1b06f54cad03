// SPDX-License-Identifier: MIT

/// How far a probe came on its way through a tunnel to a real server and back.
///
/// Each stage contains those before it.
public enum Stage: Int, Hashable, Sendable, Comparable, CaseIterable {
  /// Not even the way to the real server is known.
  case unrouted
  /// There is a route, and its next hop answers.
  case routed
  /// The real server's host has it, still in its tunnel.
  case arrived
  /// The tunnel's headers are off, and the host takes the packet for its own.
  case decapsulated
  /// The service has answered, from the virtual address.
  case answered

  public static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
}
