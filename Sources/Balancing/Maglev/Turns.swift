// SPDX-License-Identifier: MIT

/// Whose turn it is to take a slot, so that at every moment each has had its weight's proportion of turns.
///
/// A member of weight w has its turns at the times ½/w, 1½/w, 2½/w, …; of two at the same time the first comes first.
/// Stopped anywhere this is an apportionment by the method of Webster and Sainte-Laguë, which favours neither large nor
/// small. Equal weights make the round-robin of the Maglev paper. A member's times depend on nobody else, so those who
/// stay keep their order when others come and go.
///
/// Members of one weight have their turns at the same times, so only one of them need stand in line at a time.
struct Turns {
  /// A binary heap of turns, one for each weight: the time in the upper 48 bits, the member in the lower 16. None is smaller
  /// than the one at half its position.
  private var heap: [UInt64] = []
  /// What leads from a member's turn to the next turn of its weight: the following member's at the same time, or after the
  /// last one the first one's, an interval later.
  private var steps: [UInt64]

  /// The time between two turns of a member of weight 1: 65,537 of them fit into 48 bits.
  private static var unit: UInt64 { 1 << 31 }

  /// - Parameter weights: At most 65,535, of 1 to 65,535 each.
  init(weights: [Int]) {
    steps = Array(repeating: 0, count: weights.count)
    for (weight, members) in Dictionary(grouping: weights.indices, by: { weights[$0] }) {
      let interval = Self.unit / UInt64(weight)
      for (member, next) in zip(members, members.dropFirst()) { steps[member] = UInt64(next - member) }
      guard let first = members.first, let last = members.last else { continue }
      steps[last] = interval << 16 &- UInt64(last - first)
      heap.append((interval / 2) << 16 | UInt64(first))
    }
    heap.sort()
  }

  /// The member whose turn it is, by its position among the weights.
  mutating func next() -> Int {
    let member = Int(heap[0] & 0xFFFF)
    sink(heap[0] &+ steps[member])
    return member
  }

  /// Puts `turn` in the place of the first, and where it belongs.
  private mutating func sink(_ turn: UInt64) {
    var heap = heap.mutableSpan
    var hole = 0
    var child = 1
    while child < heap.count {
      if child &+ 1 < heap.count { child &+= heap[child &+ 1] < heap[child] ? 1 : 0 }
      guard heap[child] < turn else { break }
      heap[hole] = heap[child]
      hole = child
      child = 2 &* hole &+ 1
    }
    heap[hole] = turn
  }
}
