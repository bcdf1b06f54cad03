// SPDX-License-Identifier: MIT
import Health

/// Whose probes have which tag.
struct LaneTable {
  private var lanes: [ProbeTag: (target: CheckedTarget, index: Int)] = [:]
  private var claimed: Set<ProbeTag> = []

  subscript(_ tag: ProbeTag) -> (target: CheckedTarget, index: Int)? { lanes[tag] }

  /// Lanes with tags that nobody else has.
  mutating func claim(_ ways: [(way: ProbeWay, isFullSize: Bool)]) throws(CheckFailure) -> [Lane] {
    // Half of them free, so that one is found soon.
    guard claimed.count + ways.count <= ProbeTag.count / 2 else {
      throw CheckFailure(.local, "there are more than \(ProbeTag.count / 2) different probes")
    }
    return ways.map { Lane(claimTag(), $0.way, isFullSize: $0.isFullSize) }
  }

  private mutating func claimTag() -> ProbeTag {
    while true {
      let tag = ProbeTag(value: .random(in: 0..<ProbeTag.count))
      if claimed.insert(tag).inserted { return tag }
    }
  }

  /// The lanes of `target` are its own from now on.
  mutating func set(_ target: CheckedTarget) {
    for (index, lane) in target.runner.lanes.enumerated() { lanes[lane.tag] = (target, index) }
  }

  /// Gives the tags of `target` back.
  mutating func remove(_ target: CheckedTarget) {
    for lane in target.runner.lanes {
      lanes[lane.tag] = nil
      claimed.remove(lane.tag)
    }
  }
}
