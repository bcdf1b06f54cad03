// SPDX-License-Identifier: MIT

/// Numbers to give away, 1 up to a limit; 0 is nobody's.
///
/// One that comes back is not given away before the update that says so was committed: `reclaim`.
struct IndexPool: Sendable {
  /// The next one last.
  private var free: [UInt32]
  private var released: [UInt32] = []

  init(below limit: Int, except taken: some Sequence<UInt32>) {
    let taken = Set(taken)
    free = (1..<UInt32(limit)).reversed().filter { !taken.contains($0) }
  }

  /// How many cannot be given away yet.
  var releasedCount: Int { released.count }

  mutating func take() -> UInt32? { free.popLast() }

  mutating func release(_ index: UInt32) { released.append(index) }

  /// Makes what was released available again, after all others.
  mutating func reclaim() {
    guard !released.isEmpty else { return }
    free.insert(contentsOf: released.sorted(by: >), at: 0)
    released = []
  }
}
