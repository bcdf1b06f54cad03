// SPDX-License-Identifier: MIT
import DataPlane

/// Buckets of flows in memory that somebody else owns. Zeroed memory is an empty table.
@safe
struct FlowTable {
  private let flows: UnsafeMutablePointer<Flow>
  private let buckets: Int

  @unsafe
  init(_ flows: UnsafeMutablePointer<Flow>, buckets: Int) {
    unsafe self.flows = flows
    self.buckets = buckets
  }

  @inline(__always)
  func bucket(_ number: UInt32) -> FlowBucket? {
    guard number < UInt32(buckets) else { return nil }
    return unsafe FlowBucket(flows + Int(number) &* FlowBucket.size)
  }

  private var all: UnsafeMutableBufferPointer<Flow> {
    unsafe UnsafeMutableBufferPointer(start: flows, count: buckets * FlowBucket.size)
  }

  /// The flow of a five-tuple hash, if it is remembered.
  func flow(hash: UInt64) -> Flow? {
    let place = FlowPlace(hash: hash, buckets: buckets)
    let start = Int(place.bucket) * FlowBucket.size
    return unsafe all[start..<start + FlowBucket.size].first { $0.tag == place.tag && !$0.isVacant }
  }

  /// Every flow that is remembered, with the number of its place.
  var remembered: [(place: Int, flow: Flow)] {
    unsafe all.enumerated().filter { !$0.element.isVacant }.map { (place: $0.offset, flow: $0.element) }
  }

  /// Forgets every flow that `isForgotten`. O(buckets).
  func forget(where isForgotten: (Flow) -> Bool) {
    let flows = unsafe all
    for place in flows.indices where unsafe !flows[place].isVacant && isForgotten(flows[place]) {
      unsafe flows[place] = Flow(word: 0)
    }
  }
}
