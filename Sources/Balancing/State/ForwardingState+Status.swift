// SPDX-License-Identifier: MIT
public import DataPlane
public import Wire

/// A service as it stands, for people.
public struct ServiceStatus: Hashable, Sendable {
  public let key: ServiceKey
  public let entry: ServiceEntry
  /// The configuration's name; nil after a restart, before the configuration is known.
  public let name: String?
  /// The same on every director with the same configuration.
  public let tableHash: TableHash
  public let unsettledSlots: Int
  /// Every server of the service, those that leave included, by ascending index.
  public let members: [MemberStatus]
}

/// A server of a service as it stands, for people.
public struct MemberStatus: Hashable, Sendable {
  public let index: DestinationIndex
  public let destination: DestinationState
  /// How many slots it owns.
  public let slots: Int
}

/// Where the packets of a flow go.
public struct Placement: Hashable, Sendable {
  public let slot: UInt32
  /// Who gets the flow if it is new.
  public let owner: DestinationIndex
  /// Who gets the packets of a flow that is not remembered; nil where the slot is settled, and the owner gets all.
  public let previous: DestinationIndex?
  /// What was remembered before does not count; nil where the slot is settled.
  public let since: Tick?

  /// Whether packets of the flow go where it is remembered.
  public func counts(_ flow: Flow) -> Bool { since.map { flow.lastSeen >= $0 } ?? false }

  public var isSettled: Bool { previous == nil }
}

extension ForwardingState {
  /// Every service, by ascending index. Takes about two milliseconds a service, for the hash.
  public var status: [ServiceStatus] {
    services.map { status(of: $0.value, key: $0.key) }.sorted { $0.entry.index < $1.entry.index }
  }

  /// The service's index, by which engines count; nil for a service that there is not.
  public func serviceIndex(of key: ServiceKey) -> UInt32? { services[key]?.entry.index }

  /// How many slots each server of a service owns; one that owns none is left out.
  public func shares(of key: ServiceKey) -> [DestinationIndex: Int] {
    services[key].map(shares) ?? [:]
  }

  /// Where a client's flow to a service goes; nil for a service that there is not.
  public func placement(client: IPAddress, port: UInt16, service key: ServiceKey) -> Placement? {
    guard let service = services[key] else { return nil }
    let hash = FlowHash.of(
      client: client.mapped, clientPort: port, service: key.address, port: key.port, seed: service.entry.hashSeed)
    let slot = FlowHash.slot(hash)
    return Placement(
      slot: slot, owner: service.slots[Int(slot)].owner, previous: service.transitions[slot]?.previous,
      since: service.transitions[slot]?.since)
  }

  /// Flows that sent nothing since then may be forgotten: the longest idle timeout has passed.
  public func idleHorizon(now: Tick) -> Tick {
    now.reduced(by: services.values.map(\.idleTimeout).max() ?? 0).reduced(by: 2)
  }

  private func status(of service: ServiceState, key: ServiceKey) -> ServiceStatus {
    let shares = shares(service)
    let members = service.destinations.values.sorted { $0.rawValue < $1.rawValue }
      .compactMap { index in
        destinations[index].map { MemberStatus(index: index, destination: $0, slots: shares[index] ?? 0) }
      }
    return ServiceStatus(
      key: key, entry: service.entry, name: service.name, tableHash: tableHash(service),
      unsettledSlots: service.transitions.count, members: members)
  }

  private func shares(_ service: ServiceState) -> [DestinationIndex: Int] {
    var counts = [Int](repeating: 0, count: Capacity.destinations)
    for slot in service.slots { counts[Int(slot.owner.rawValue)] += 1 }
    let owned = service.destinations.values.map { ($0, counts[Int($0.rawValue)]) }
    return Dictionary(uniqueKeysWithValues: owned.filter { $0.1 > 0 })
  }

  private func tableHash(_ service: ServiceState) -> TableHash {
    var identities = [IPv6Address](repeating: IPv6Address(high: 0, low: 0), count: Capacity.destinations)
    for (address, index) in service.destinations { identities[Int(index.rawValue)] = address }
    return TableHash(owners: service.slots.lazy.map { identities[Int($0.owner.rawValue)] })
  }
}
