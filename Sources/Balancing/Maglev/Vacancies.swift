// SPDX-License-Identifier: MIT

/// Which slots nobody has taken: a bit for each, so that all of them stay in the CPU's nearest cache while members look for
/// one a million times.
struct Vacancies {
  let size: Int
  private var taken: [UInt64]

  init(size: Int) {
    self.size = size
    taken = Array(repeating: 0, count: size / 64 + 1)
  }

  /// Takes a slot; false where somebody has it.
  mutating func take(_ slot: Int) -> Bool {
    let bit: UInt64 = 1 &<< UInt64(slot & 63)
    guard taken[slot >> 6] & bit == 0 else { return false }
    taken[slot >> 6] |= bit
    return true
  }
}
