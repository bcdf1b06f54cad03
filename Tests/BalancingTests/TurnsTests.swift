// SPDX-License-Identifier: MIT
import Testing

@testable import Balancing

@Suite struct `Turns of members` {
  static let weightSets: [[Int]] = [
    [1], [7], [1, 1, 1], [1, 3, 1, 3], [65_535, 1, 65_535], [3, 2, 1, 2, 3], Array(repeating: 9, count: 50),
    (0..<60).map { $0 % 4 + 1 }, (1...40).map { $0 * $0 },
  ]

  /// Every turn of everybody, sorted by its time and then by who it is.
  @Test(arguments: weightSets)
  func `come in the order of their times`(weights: [Int]) {
    let count = 2_000
    let all = weights.enumerated().flatMap { member, weight in
      let interval = 1 << 31 / weight
      return (0..<count).map { (time: interval / 2 + $0 * interval, member: member) }
    }
    var turns = Turns(weights: weights)
    let taken = (0..<count).map { _ in turns.next() }
    #expect(taken == all.sorted { ($0.time, $0.member) < ($1.time, $1.member) }.prefix(count).map(\.member))
  }
}
