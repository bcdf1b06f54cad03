// SPDX-License-Identifier: MIT

/// What became of the frames that came in, besides the data plane's own counters.
///
/// Frames that are not forwarded stay with the host's own network stack, which sees every frame anyway.
public struct ForwardingStatistics: Hashable, Sendable {
  /// Frames that were looked at.
  public var received: UInt64 = 0
  /// Frames that left.
  public var transmitted: UInt64 = 0
  /// Frames that were to leave and that the interface did not take.
  public var transmitFailures: UInt64 = 0
  /// Frames that were lost because the engine was too slow for them.
  public var overruns: UInt64 = 0
  /// Not forwarded: several packets merged into one by an offload, longer than any link carries.
  public var merged: UInt64 = 0
  /// Not forwarded: frames to everybody, or to another station.
  public var notForThisHost: UInt64 = 0

  public init() {}

  /// What an operator should do, if anything.
  public var advice: String? {
    guard merged > 0 else { return nil }
    return "\(merged) merged packets were not forwarded: switch off gro and lro at the interface, and tso and gso at "
      + "peers on the same machine (ethtool -K DEVICE gro off lro off tso off gso off)"
  }

  static func += (left: inout Self, right: Self) {
    left.received &+= right.received
    left.transmitted &+= right.transmitted
    left.transmitFailures &+= right.transmitFailures
    left.overruns &+= right.overruns
    left.merged &+= right.merged
    left.notForThisHost &+= right.notForThisHost
  }
}
