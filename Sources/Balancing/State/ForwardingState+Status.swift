// SPDX-License-Identifier: MIT
public import DataPlane
import Wire

/// A service as it stands, for people.
public struct ServiceStatus: Hashable, Sendable {
  public let match: ServiceMatch
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
  /// Unsettled slots in which flows of its may still live, though it takes no new ones: none when it has drained.
  public let remainingSlots: Int
}

/// Where the packets of a flow go.
public struct Placement: Hashable, Sendable {
  public let service: ServiceMatch
  public let slot: UInt32
  /// Of the five-tuple: what tunnels are spread by.
  public let hash: UInt64
  /// What the flow is remembered by, if it is.
  public let memory: UInt64
  /// Whether flows are remembered also in settled slots, and for how long.
  public let remembersFor: UInt32?
  /// Who gets the flow if it is new.
  public let owner: DestinationIndex
  /// Who gets the packets of a flow that is not remembered; nil where the slot is settled, and the owner gets all.
  public let previous: DestinationIndex?
  /// What was remembered before does not count; nil where the slot is settled.
  public let since: Tick?

  /// Whether packets of the flow go where it is remembered.
  public func counts(_ flow: Flow, now: Tick) -> Bool {
    if let remembersFor { return flow.age(now) <= remembersFor }
    return since.map { flow.lastSeen(now) >= $0 } ?? false
  }

  public var isSettled: Bool { previous == nil }
}

extension ForwardingState {
  /// Every service, by ascending index. Takes about two milliseconds a service, for the hash.
  public var status: [ServiceStatus] {
    services.map { status(of: $0.value, match: $0.key) }.sorted { $0.entry.index < $1.entry.index }
  }

  /// The service's index, by which engines count; nil for a service that there is not.
  public func serviceIndex(of match: ServiceMatch) -> UInt32? { services[match]?.entry.index }

  /// How many slots each server of a service owns; one that owns none is left out.
  public func shares(of match: ServiceMatch) -> [DestinationIndex: Int] {
    services[match].map(shares) ?? [:]
  }

  /// The service that a flow is for: of those that take it, the one of the longest prefix, and among these the one of the
  /// fewest ports. Nil where the longest prefix has none.
  public func service(of flow: FlowTuple) -> ServiceMatch? {
    let near = services.keys.filter { $0.virtualAddress.contains(flow.address) }
    let length = near.map(\.virtualAddress.length).max()
    return near.filter { $0.virtualAddress.length == length && $0.transportProtocol == flow.transportProtocol }
      .filter { $0.ports.contains(flow.port) }
      .min { $0.ports.count < $1.ports.count }
  }

  /// Where a flow goes; nil where there is no service for it.
  public func placement(of flow: FlowTuple) -> Placement? {
    guard let match = service(of: flow), let service = services[match] else { return nil }
    let hash = FlowHash.of(flow, seed: service.entry.hashSeed)
    let slotHash = FlowHash.of(service.entry.hashed(flow), seed: service.entry.hashSeed)
    let slot = FlowHash.slot(slotHash)
    return Placement(
      service: match, slot: slot, hash: hash, memory: service.entry.tracksAlways ? slotHash : hash,
      remembersFor: service.entry.tracksAlways ? service.entry.idleTimeout : nil, owner: service.slots[Int(slot)].owner,
      previous: service.transitions[slot]?.previous, since: service.transitions[slot]?.since)
  }

  /// Flows that sent nothing for longer may be forgotten, in ticks; never more than flows can tell.
  public var longestIdleTimeout: UInt32 {
    min(services.values.map(\.idleTimeout).max() ?? 0, 100_000) + 2
  }

  /// Every server of a service, those that leave included, by ascending index; cheaper than `status`.
  public func members(of match: ServiceMatch) -> [MemberStatus] {
    services[match].map(members) ?? []
  }

  /// Who owns which slot of a service, as directors compare it. Takes about two milliseconds.
  public func tableHash(of match: ServiceMatch) -> TableHash? { services[match].map(tableHash) }

  /// How many slots of a service are unsettled.
  public func unsettledSlots(of match: ServiceMatch) -> Int { services[match]?.transitions.count ?? 0 }

  private func status(of service: ServiceState, match: ServiceMatch) -> ServiceStatus {
    ServiceStatus(
      match: match, entry: service.entry, name: service.name, tableHash: tableHash(service),
      unsettledSlots: service.transitions.count, members: members(service))
  }

  private func members(_ service: ServiceState) -> [MemberStatus] {
    let shares = shares(service)
    return service.destinations.values.sorted { $0.rawValue < $1.rawValue }.compactMap { index in
      destinations[index].map { destination in
        MemberStatus(
          index: index, destination: destination, slots: shares[index] ?? 0,
          remainingSlots: service.remainingSlots(of: index, destination.lifecycle))
      }
    }
  }

  private func shares(_ service: ServiceState) -> [DestinationIndex: Int] {
    var counts = [Int](repeating: 0, count: capacity.destinations)
    for slot in service.slots { counts[Int(slot.owner.rawValue)] += 1 }
    let owned = service.destinations.values.map { ($0, counts[Int($0.rawValue)]) }
    return Dictionary(uniqueKeysWithValues: owned.filter { $0.1 > 0 })
  }

  private func tableHash(_ service: ServiceState) -> TableHash {
    var identities = [IPv6Address](repeating: IPv6Address(high: 0, low: 0), count: capacity.destinations)
    for (address, index) in service.destinations { identities[Int(index.rawValue)] = address }
    return TableHash(owners: service.slots.lazy.map { identities[Int($0.owner.rawValue)] })
  }
}
