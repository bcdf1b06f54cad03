// SPDX-License-Identifier: MIT

/// Whose turn it is to take a slot, so that at every moment each has had its weight's proportion of turns.
///
/// A member of weight w has its turns at the times ½/w, 1½/w, 2½/w, …; of two at the same time the first comes first.
/// Stopped anywhere this is an apportionment by the method of Webster and Sainte-Laguë, which favours neither large nor
/// small. Equal weights make the round-robin of the Maglev paper. A member's times depend on nobody else, so those who
/// stay keep their order when others come and go.
struct Turns {
  private struct Turn {
    var time: UInt64
    let interval: UInt64
    let member: Int

    func comes(before other: Turn) -> Bool {
      time < other.time || time == other.time && member < other.member
    }
  }

  /// A binary heap: nobody's turn comes before that of who stands at half the position.
  private var heap: [Turn]

  /// The time between two turns of a member of weight 1: 65,537 such intervals fit into 64 bits.
  private static var unit: UInt64 { 1 << 47 }

  init(weights: [Int]) {
    heap = weights.enumerated()
      .map { member, weight in
        let interval = Self.unit / UInt64(weight)
        return Turn(time: interval / 2, interval: interval, member: member)
      }
      .sorted { $0.comes(before: $1) }
  }

  /// The member whose turn it is, by its position among the weights.
  mutating func next() -> Int {
    var turn = heap[0]
    let member = turn.member
    turn.time &+= turn.interval
    sink(turn)
    return member
  }

  /// Puts `turn` in the place of the first, and where it belongs.
  private mutating func sink(_ turn: Turn) {
    var hole = 0
    while true {
      var child = 2 &* hole &+ 1
      guard child < heap.count else { break }
      if child &+ 1 < heap.count, heap[child &+ 1].comes(before: heap[child]) { child &+= 1 }
      guard heap[child].comes(before: turn) else { break }
      heap[hole] = heap[child]
      hole = child
    }
    heap[hole] = turn
  }
}
