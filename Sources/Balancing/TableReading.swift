// SPDX-License-Identifier: MIT
public import DataPlane

/// The tables of a data plane, to look at: one's own, or those of another process.
public protocol TableReading: AnyObject {
  /// What was sent to each destination since it got its index.
  func traffic() throws(EngineError) -> [DestinationIndex: TrafficCounter]

  /// Packets that were not sent, by service index (0: no service) and reason.
  func verdicts() throws(EngineError) -> [UInt32: [Verdict: UInt64]]

  /// Where the flow of this hash (`Placement.memory`) was remembered to go, whether that still counts or not.
  func flow(hash: UInt64) throws(EngineError) -> Flow?

  /// How many flows are remembered at each destination, those that may be forgotten included. Goes through all of the
  /// table: some milliseconds.
  func flowCounts() throws(EngineError) -> [DestinationIndex: Int]

  /// All that the tables hold, to go on from after a restart (`ForwardingState.init(restoring:)`); no flows and counters.
  func contents() throws(EngineError) -> TableContents
}

extension Sequence<Flow> {
  /// The number of flows of each destination; vacant places do not count.
  public var countsByDestination: [DestinationIndex: Int] {
    reduce(into: [:]) { counts, flow in
      if !flow.isVacant { counts[flow.destination, default: 0] += 1 }
    }
  }
}
