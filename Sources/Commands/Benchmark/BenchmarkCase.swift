// SPDX-License-Identifier: MIT
import DataPlane
import Wire

/// What is measured together: so many clients, a kind of segment, the state of the service.
struct BenchmarkCase: Hashable {
  let traffic: Traffic
  let flows: UInt32
  let encapsulation: Encapsulation

  /// Which segments meet which slots.
  enum Traffic: String {
    /// Segments of connections that exist, in slots that are settled.
    case settled
    /// The same in slots that are unsettled: flows are looked up.
    case unsettled
    /// SYNs in slots that are unsettled, of flows that are remembered already or cannot be any more.
    case opening = "unsettled SYN"
    /// SYNs in slots that are unsettled, of flows that are new: each is remembered.
    case remembering = "unsettled new"

    /// Which of the two sets of tables the traffic meets.
    var isSettled: Bool { self == .settled }

    var flags: TCPHeader.Flags { self == .settled || self == .unsettled ? .acknowledge : .synchronize }
  }

  /// What everything is compared with: one flow in settled slots.
  static let reference = BenchmarkCase(traffic: .settled, flows: 1, encapsulation: .ipip)

  /// In the order of the report.
  static let all = repeatable + remembering

  static let remembering = Encapsulation.allCases.map { encapsulation in
    BenchmarkCase(
      traffic: .remembering, flows: UInt32((Capacity.flowBuckets * FlowBucket.size)), encapsulation: encapsulation)
  }

  /// All that can be repeated at will.
  static let repeatable = Encapsulation.allCases.flatMap { encapsulation in
    [
      (Traffic.settled, [1, 1000, 1_000_000]),
      (.unsettled, [1, 1000, UInt32((Capacity.flowBuckets * FlowBucket.size)), 1_000_000]),
      (.opening, [1, 1000, UInt32((Capacity.flowBuckets * FlowBucket.size)), 1_000_000]),
    ].flatMap { traffic, flows in
      flows.map { BenchmarkCase(traffic: traffic, flows: $0, encapsulation: encapsulation) }
    }
  }
}
