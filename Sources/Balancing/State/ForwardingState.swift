// SPDX-License-Identifier: MIT
public import DataPlane
public import Wire

/// The control plane's picture of what the data plane's tables hold: a value that is computed, without clock or kernel.
///
/// Each change returns the writes that carry it out. The caller changes a copy, lets an `Engine` commit the update, and
/// keeps the copy if that went well: so the picture is true, and an update that failed was never computed.
public struct ForwardingState: Sendable {
  /// Every server that has a row in the destination table.
  public internal(set) var destinations: [DestinationIndex: DestinationState] = [:]
  var services: [ServiceMatch: ServiceState] = [:]
  /// What services are found by.
  public internal(set) var matching = MatchingTables()
  var policies: [PrefixKey: VirtualAddressPolicy] = [:]
  var limits = RateLimits()
  var host = Host()
  var addressNumbers: [PrefixKey: UInt32] = [:]
  var addressNumberPool: IndexPool
  var paths: [IPAddress: Destination.Path] = [:]
  var serviceIndices: IndexPool
  var destinationIndices: IndexPool
  let slotsPerService: Int
  let capacity: TableCapacity

  /// Empty tables.
  public init(capacity: TableCapacity = .engines) {
    self.init(slotsPerService: slotCount, capacity: capacity)
  }

  /// The same with another number of slots, which must be prime.
  init(slotsPerService: Int, capacity: TableCapacity = .engines) {
    self.slotsPerService = slotsPerService
    self.capacity = capacity
    self.addressNumberPool = IndexPool(below: capacity.services, except: [])
    self.serviceIndices = IndexPool(below: capacity.services, except: [])
    self.destinationIndices = IndexPool(below: capacity.destinations, except: [])
  }

  /// Reaches a configuration.
  ///
  /// A server that is not in it any more drains, like one that is to; one that is back serves again. A service that is
  /// not in it goes at once. A configuration that is reached already gives an empty update.
  ///
  /// - Parameters:
  ///   - configuration: All services.
  ///   - paths: The way to every server, by its address. A server without one is unreachable.
  ///   - host: What this host is like.
  ///   - now: The engine's time, read just before.
  /// - Returns: The writes that carry it out.
  /// - Throws: What makes it impossible; nothing has changed then.
  public mutating func apply(
    _ configuration: BalancingConfiguration, paths: [IPAddress: Destination.Path], host: Host = Host(), now: Tick
  ) throws(StateError) -> TableUpdate {
    try StateError.check(configuration)
    var next = successor
    next.paths = paths
    next.host = host
    next.limits = configuration.limits
    next.policies = Dictionary(
      configuration.policies.map { ($0.prefix.virtualAddress, $0) }, uniquingKeysWith: { first, _ in first })
    next.remove(servicesExcept: Set(configuration.services.map(\.match)))
    var recent = MaglevTable(members: [])
    for service in configuration.services {
      try next.reach(service, of: configuration.services, recent: &recent, now: now)
    }
    next.finish(now: now)
    return become(next)
  }

  /// Reaches a configuration in which virtual addresses have no policies.
  public mutating func apply(
    _ services: [Service], paths: [IPAddress: Destination.Path], now: Tick
  ) throws(StateError) -> TableUpdate {
    try apply(BalancingConfiguration(services: services), paths: paths, now: now)
  }

  /// Follows the ways to the servers.
  ///
  /// - Parameters:
  ///   - paths: All of them, by the server's address.
  ///   - host: What this host is like.
  /// - Returns: The writes that carry it out.
  public mutating func setPaths(
    _ paths: [IPAddress: Destination.Path], host: Host = Host()
  ) -> TableUpdate {
    var next = successor
    next.paths = paths
    next.host = host
    next.fillRows()
    return become(next)
  }

  /// Lets time pass: slots settle, servers that have drained go down, those that nobody needs any more are released.
  ///
  /// - Parameters:
  ///   - observed: `Engine.observedTransitions()`, read less than a tick (1.07 s) before `now`.
  ///   - now: The engine's time.
  /// - Returns: The writes that carry it out.
  public mutating func settle(observed: [UInt32: [UInt32: Tick]], now: Tick) -> TableUpdate {
    var next = successor
    for (key, service) in services where !service.transitions.isEmpty {
      next.services[key]?.merge(observed: observed[service.entry.index] ?? [:])
      next.services[key]?.settle(now: now)
    }
    next.finish(now: now)
    return become(next)
  }

  /// A copy to change. That there is one more change means that the one before was committed.
  private var successor: ForwardingState {
    var next = self
    next.serviceIndices.reclaim()
    next.destinationIndices.reclaim()
    next.addressNumberPool.reclaim()
    return next
  }

  private mutating func become(_ next: ForwardingState) -> TableUpdate {
    var next = next
    next.fillMatching()
    defer { self = next }
    return TableUpdate(from: self, to: next)
  }
}
