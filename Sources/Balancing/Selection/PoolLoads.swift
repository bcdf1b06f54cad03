// SPDX-License-Identifier: MIT

extension [PoolCandidates] {
  /// All new flows of a service, as a number that is divided among pools and members.
  static var allFlows: UInt128 { 1 << 40 }

  /// The part of `allFlows` that each pool takes; 0 for all where nobody is up.
  ///
  /// Each takes what it can of what the pools before it have left. What is left by the last is divided by what is up.
  func loads(_ whenShort: ShortPoolAnswer) -> [UInt128] {
    let isResort = !contains { !$0.pool.isLastResort && $0.upWeight > 0 }
    let upWeights = map { $0.pool.isLastResort == isResort ? UInt128($0.upWeight) : 0 }
    let allUp = upWeights.reduce(0, +)
    guard allUp > 0 else { return upWeights }
    var left = Self.allFlows
    let taken = zip(self, upWeights).map { pool, upWeight in
      let load = upWeight == 0 ? 0 : pool.load(of: left, whenShort)
      left -= load
      return load
    }
    return zip(taken, upWeights).map { $0 + left * $1 / allUp }
  }
}

extension PoolCandidates {
  /// How much it takes of what comes to it, somebody being up.
  fileprivate func load(of flows: UInt128, _ whenShort: ShortPoolAnswer) -> UInt128 {
    guard isShort else { return flows }
    switch whenShort {
    case .takeover: return 0
    case .overflow: return flows * UInt128(upWeight * 100) / UInt128(weight * pool.enough)
    }
  }
}
