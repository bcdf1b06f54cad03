// SPDX-License-Identifier: MIT
import DataPlane
import Wire

// The steps towards a configuration. They run on a copy that is dropped when one of them throws.
extension ForwardingState {
  mutating func remove(servicesExcept kept: Set<ServiceMatch>) {
    for (key, service) in services where !kept.contains(key) {
      for index in service.destinations.values { release(index) }
      serviceIndices.release(service.entry.index)
      services[key] = nil
    }
  }

  /// Makes one service what it is to be. `recent` is the table that was computed last: services of the same members have it
  /// in common.
  mutating func reach(
    _ configured: Service, of all: [Service], recent: inout MaglevTable, now: Tick
  ) throws(StateError) {
    var service = try state(for: configured, of: all)
    let alive = aliveDestinations(of: service)
    let entry = configured.entry(index: service.entry.index)
    let isRetracked = entry.tracking != service.entry.tracking
    service.entry = entry
    service.name = configured.name
    service.refusesUnserved = configured.whenAllDown == .reset
    service.idleTimeout = configured.idleTimeout.ticks
    service.drainTimeout = configured.drainTimeout.ticks
    try enlist(configured.members, of: all, in: &service, key: configured.match, now: now)
    let members = servingMembers(of: service)
    let isChanged = members != service.members
    if isChanged && members != recent.members { recent = MaglevTable(members: members, size: slotsPerService) }
    service.members = members
    let stillAlive = aliveDestinations(of: service)
    if isChanged || isRetracked || !alive.isSubset(of: stillAlive) {
      service.assign(isChanged ? recent : nil, now: now, alive: stillAlive)
    }
    services[configured.match] = service
  }

  private mutating func state(for service: Service, of all: [Service]) throws(StateError) -> ServiceState {
    if let known = services[service.match] { return known }
    guard let index = serviceIndices.take() else {
      throw .tooManyServices(configured: all.count, leaving: serviceIndices.releasedCount, room: capacity.services - 1)
    }
    return ServiceState(entry: service.entry(index: index), slotCount: slotsPerService)
  }

  /// Gives every member a row, and lets those who are no members any more drain.
  private mutating func enlist(
    _ members: [Member], of all: [Service], in service: inout ServiceState, key: ServiceMatch, now: Tick
  ) throws(StateError) {
    let addresses = Set(members.map(\.server.address.mapped))
    for (address, index) in service.destinations where !addresses.contains(address) {
      destinations[index]?.dismiss(now: now, drainTimeout: service.drainTimeout)
    }
    for member in members {
      let address = member.server.address.mapped
      let index = try index(of: address, in: service, of: all)
      service.destinations[address] = index
      destinations[index, default: DestinationState(member, service: key)]
        .configure(member, now: now, drainTimeout: service.drainTimeout)
    }
  }

  private mutating func index(
    of address: IPv6Address, in service: ServiceState, of services: [Service]
  ) throws(StateError) -> DestinationIndex {
    if let index = service.destinations[address] { return index }
    if let index = destinationIndices.take() { return DestinationIndex(rawValue: index) }
    let leaving = destinations.values.count { !$0.isConfigured } + destinationIndices.releasedCount
    throw .tooManyDestinations(
      configured: services.reduce(0) { $0 + $1.members.count }, leaving: leaving, room: capacity.destinations - 1)
  }

  /// Who takes new flows, by ascending identity.
  private func servingMembers(of service: ServiceState) -> [MaglevTable.Member] {
    service.destinations
      .compactMap { address, index in
        guard let destination = destinations[index], destination.lifecycle == .serving else { return nil }
        return MaglevTable.Member(identity: address, weight: destination.weight)
      }
      .sorted()
  }

  private func aliveDestinations(of service: ServiceState) -> Set<DestinationIndex> {
    Set(service.destinations.values.filter { destinations[$0]?.lifecycle.isAlive == true })
  }
}

// What every change ends with.
extension ForwardingState {
  /// Ends what has ended, and writes down what the rows are now.
  mutating func finish(now: Tick) {
    for key in services.keys { retire(from: key, now: now) }
    for (index, destination) in destinations where !destination.isConfigured && !destination.lifecycle.isAlive {
      services[destination.service]?.destinations[destination.address.mapped] = nil
      release(index)
    }
    for (key, service) in services {
      let entry = service.entry.refusing(refusal(of: service))
      services[key]?.entry = entry
    }
    fillRows()
  }

  /// While somebody drains, his flows go on: only connections that begin are refused.
  private func refusal(of service: ServiceState) -> Refusal {
    guard service.refusesUnserved, servingMembers(of: service).isEmpty else { return .nothing }
    return aliveDestinations(of: service).isEmpty ? .all : .connections
  }

  /// Takes down those of a service who drain and have no flows left, or no time.
  private mutating func retire(from key: ServiceMatch, now: Tick) {
    guard var service = services[key] else { return }
    let retired = service.destinations.values.filter { index in
      guard case .draining(let since, let until) = destinations[index]?.lifecycle else { return false }
      return now > until || !service.mayHoldFlows(ofServerUntil: since)
    }
    guard !retired.isEmpty else { return }
    for index in retired { destinations[index]?.lifecycle = .down }
    service.assign(nil, now: now, alive: aliveDestinations(of: service))
    services[key] = service
  }

  mutating func fillRows() {
    for (index, destination) in destinations {
      let serviceIndex = services[destination.service]?.entry.index ?? 0
      let row = destination.row(serviceIndex: serviceIndex, path: paths[destination.address])
      // Nothing is copied for what stays as it is.
      if row != destination.row { destinations[index]?.row = row }
    }
  }

  private mutating func release(_ index: DestinationIndex) {
    destinations[index] = nil
    destinationIndices.release(index.rawValue)
  }
}

extension Service {
  /// What the data plane is to know of it.
  fileprivate func entry(index: UInt32) -> ServiceEntry {
    ServiceEntry(
      index: index, hashSeed: match.hashSeed, tracking: tracking, affinity: affinity,
      hashesFragments: hashesFragments, idleTimeout: idleTimeout.ticks)
  }
}
