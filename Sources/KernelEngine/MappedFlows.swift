// SPDX-License-Identifier: MIT
import BPF
import DataPlane
import Linux

/// A map of flow buckets as memory: what the program writes is seen at once, and the other way round.
struct MappedFlows: ~Copyable {
  private let memory: MemoryMapping

  init(_ map: borrowing Map) throws(BPFError) {
    memory = try map.mapped()
  }

  private var flows: UnsafeMutableBufferPointer<Flow> { unsafe memory.buffer.bindMemory(to: Flow.self) }

  /// The flow at a place, if it is remembered.
  func flow(at place: FlowPlace) -> Flow? {
    let start = Int(place.bucket) * FlowBucket.size
    return unsafe flows[start..<start + FlowBucket.size].first { $0.tag == place.tag && !$0.isVacant }
  }

  /// Forgets every flow that `isForgotten`. A packet of one that comes meanwhile may have it remembered again.
  func forget(where isForgotten: (Flow) -> Bool) {
    let flows = unsafe flows
    for place in flows.indices where unsafe !flows[place].isVacant && isForgotten(flows[place]) {
      unsafe flows[place] = Flow(word: 0)
    }
  }

  /// Every place, vacant ones too.
  var all: [Flow] { unsafe Array(flows) }
}
