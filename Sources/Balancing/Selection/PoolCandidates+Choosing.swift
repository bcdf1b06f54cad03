// SPDX-License-Identifier: MIT

extension [PoolCandidates] {
  /// Who serves where somebody is up, and in which proportion.
  func sharing(_ whenShort: ShortPoolAnswer) -> [[Member]] {
    let loads = loads(whenShort)
    let weights = scaledWeights(loads)
    return indices.map { number in
      self[number].candidates.enumerated().map { position, candidate in
        guard candidate.isUp else { return candidate.chosen(candidate.part) }
        guard loads[number] > 0 else { return candidate.chosen(.standby) }
        return candidate.chosen(.serving, weight: weights?[number][position])
      }
    }
  }

  /// Who serves where nobody is up and the checks are not believed: all who are not to be left alone, those of last resort
  /// where there is nobody else, and those who drain where there is nobody else either.
  var failingOpen: [[Member]] {
    let trusted = map { $0.candidates.map(\.trusted) }
    let ordinary = zip(self, trusted).filter { !$0.0.pool.isLastResort }.flatMap(\.1)
    let isResort = !ordinary.contains(where: \.isUp)
    let isDrained = !trusted.joined().contains(where: \.isUp)
    return zip(self, trusted).map { pool, candidates in
      candidates.map { candidate in
        switch candidate.part {
        case .serving: candidate.chosen(pool.pool.isLastResort == isResort ? .serving : .standby)
        case .draining: candidate.chosen(isDrained ? .serving : .draining)
        case let part: candidate.chosen(part)
        }
      }
    }
  }

  /// A weight for each member that is up, the largest 65,535; nil where those of the configuration say it as well: one pool
  /// serves, of one site or of sites that go by their weights, and nobody starts slowly.
  private func scaledWeights(_ loads: [UInt128]) -> [[Int]]? {
    let serving = indices.filter { loads[$0] > 0 }
    if serving.count == 1, serving.allSatisfy({ self[$0].isPlain }) { return nil }
    let strengths = zip(self, loads).map { $0.strengths(load: $1) }
    guard let largest = strengths.joined().max(), largest > 0 else { return nil }
    return strengths.map { $0.map { Swift.max(Int(($0 * 65_535 + largest / 2) / largest), 1) } }
  }
}

extension PoolCandidates {
  /// Whether those who are up share by their weights and nothing else.
  fileprivate var isPlain: Bool {
    pool.siteWeights.isEmpty && candidates.allSatisfy { !$0.isUp || $0.condition.ramp >= 100 }
  }

  /// Each member's part of `load`; 0 for those who are not up.
  fileprivate func strengths(load: UInt128) -> [UInt128] {
    let siteTotals = candidates.reduce(into: [:]) { totals, candidate in
      candidate.member.server.site.map { totals[$0, default: 0] += candidate.member.weight }
    }
    let own = candidates.map { $0.isUp ? strength(of: $0, siteTotals) : 0 }
    let all = own.reduce(0, +)
    return all == 0 ? own : own.map { load * $0 / all }
  }

  /// A site's weight is divided among all its members, so that the part of those who are down goes to all who are up, and not
  /// to what is left of their site.
  private func strength(of candidate: Candidate, _ siteTotals: [String: Int]) -> UInt128 {
    let ramp = min(max(candidate.condition.ramp, 1), 100)
    let own = UInt128(candidate.member.weight * ramp) << 32
    guard let site = candidate.member.server.site, let weight = pool.siteWeights[site], let total = siteTotals[site]
    else { return own }
    return own * UInt128(weight) / UInt128(total)
  }
}
