// SPDX-License-Identifier: MIT

/// A service for which `Selection` has chosen.
public struct SelectedService: Hashable, Sendable {
  /// Every member has its `chosenPart`, and the weight that goes with it.
  public var service: Service
  /// What became of the pools, in the service's order.
  public var pools: [PoolStatus]
  /// Whether no member of any pool is up, so that `Service.whenAllDown` says what becomes of new flows.
  public var isAllDown: Bool

  public init(service: Service, pools: [PoolStatus], isAllDown: Bool) {
    self.service = service
    self.pools = pools
    self.isAllDown = isAllDown
  }
}

/// What a pool does at the moment.
public struct PoolStatus: Hashable, Sendable {
  public var name: String
  /// The part of its weight that is up, in percent: rounded down, and 1 at least where somebody is up.
  public var up: Int
  /// Whether so little is up that other pools help.
  public var isShort: Bool
  /// The part of new flows that it takes, in percent: rounded, and 1 to 99 where it is one of several.
  public var share: Int

  public init(name: String, up: Int, isShort: Bool, share: Int) {
    self.name = name
    self.up = up
    self.isShort = isShort
    self.share = share
  }
}

extension SelectedService {
  init(_ service: Service, pools: [PoolCandidates]) {
    let isAllDown = pools.allSatisfy { $0.upWeight == 0 }
    let isOpen = isAllDown && service.whenAllDown == .failOpen
    let chosen = isOpen ? pools.failingOpen : pools.sharing(service.whenShort)
    self.init(service: service, pools: pools.statuses(chosen), isAllDown: isAllDown)
    for (position, members) in chosen.enumerated() { self.service.pools[position].members = members }
  }
}

extension [PoolCandidates] {
  fileprivate func statuses(_ chosen: [[Member]]) -> [PoolStatus] {
    let served = chosen.map(\.servedWeight)
    let all = served.reduce(0, +)
    return zip(self, served).map { pool, weight in
      PoolStatus(
        name: pool.pool.name, up: pool.upPercent, isShort: pool.isShort, share: Self.share(of: weight, among: all))
    }
  }

  private static func share(of weight: Int, among all: Int) -> Int {
    guard weight > 0, weight < all else { return weight > 0 ? 100 : 0 }
    return Swift.min(Swift.max((weight * 100 + all / 2) / all, 1), 99)
  }
}

extension [Member] {
  fileprivate var servedWeight: Int { reduce(0) { $1.part == .serving ? $0 + $1.weight : $0 } }
}
