// SPDX-License-Identifier: MIT

/// Decides which members serve, and with which weights: from the configuration, from what checks and operators say, and from
/// which pools were short before.
///
/// Integer arithmetic alone: directors that know the same choose the same.
public struct Selection: Sendable {
  /// The pools that were short when they were last looked at. Such a one is short until `Pool.recovery` is reached.
  public var shortPools: Set<PoolIdentity> = []

  public init() {}

  /// Chooses for all services. Pools that are not among theirs are forgotten.
  ///
  /// - Parameters:
  ///   - services: As they are configured.
  ///   - condition: What is known of a member at the moment.
  /// - Returns: The same services in the same order.
  public mutating func select(
    _ services: [Service], condition: (Service, Member) -> MemberCondition
  ) -> [SelectedService] {
    let selected = services.map { service in
      let pools = service.pools.map { pool in
        PoolCandidates(pool, wasShort: shortPools.contains(PoolIdentity(service: service.name, pool: pool.name))) {
          condition(service, $0)
        }
      }
      return SelectedService(service, pools: pools)
    }
    shortPools = Set(
      selected.flatMap { selected in
        selected.pools.filter(\.isShort).map { PoolIdentity(service: selected.service.name, pool: $0.name) }
      })
    return selected
  }
}

/// A pool, among those of all services.
public struct PoolIdentity: Hashable, Sendable, Codable {
  public var service: String
  public var pool: String

  public init(service: String, pool: String) {
    self.service = service
    self.pool = pool
  }
}
