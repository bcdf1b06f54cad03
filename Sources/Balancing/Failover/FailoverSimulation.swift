// SPDX-License-Identifier: MIT
import Wire

/// What a change would do to new flows: two choices of `Selection` side by side. Nothing is changed.
///
/// Flows that exist stay where they are while their server lives (docs/flows.md): only new ones go elsewhere.
public struct FailoverSimulation: Hashable, Sendable {
  /// The services of both sides, in the order of `before`.
  public let services: [ServiceShift]

  /// Compares services of the same name.
  ///
  /// - Complexity: Some milliseconds a service: both its slot tables are computed.
  public init(before: [SelectedService], after: [SelectedService]) {
    let later = Dictionary(after.map { ($0.service.name, $0) }) { first, _ in first }
    services = before.compactMap { one in later[one.service.name].map { ServiceShift(before: one, after: $0) } }
  }
}

/// What would change for one service.
public struct ServiceShift: Hashable, Sendable {
  public let name: String
  /// How many of the service's `slotCount` slots would have another owner: the share of new flows that would go elsewhere.
  public let movedSlots: Int
  /// As `culvert list` would show them.
  public let tableBefore: TableHash
  public let tableAfter: TableHash
  public let poolsBefore: [PoolStatus]
  public let poolsAfter: [PoolStatus]
  /// Whether no member would be up.
  public let isAllDown: Bool
  /// Every member, in the configuration's order.
  public let servers: [ServerShift]

  init(before: SelectedService, after: SelectedService) {
    let owners = (SlotOwners(before.service), SlotOwners(after.service))
    name = before.service.name
    movedSlots = owners.0.differences(from: owners.1)
    (tableBefore, tableAfter) = (owners.0.hash, owners.1.hash)
    (poolsBefore, poolsAfter) = (before.pools, after.pools)
    isAllDown = after.isAllDown
    let counts = (owners.0.counts, owners.1.counts)
    servers = after.service.pools.flatMap { pool in
      pool.members.map { member in
        let (server, address) = (member.server, member.server.address.mapped)
        return ServerShift(
          name: server.name, site: server.site, pool: pool.name, slotsBefore: counts.0[address] ?? 0,
          slotsAfter: counts.1[address] ?? 0)
      }
    }
  }
}

/// What would change for one server in one service.
public struct ServerShift: Hashable, Sendable {
  public let name: String
  public let site: String?
  public let pool: String
  /// Of the service's `slotCount`.
  public let slotsBefore: Int
  public let slotsAfter: Int
}
