// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import Control
import Health
import HealthChecking
import Wire

/// Everything that decides which real servers serve: the configuration, what checks say, what operators said, and how far
/// each is with its slow start. A value without clock, socket or kernel.
///
/// `select` draws the conclusion; what became different since the last time is returned as events.
struct Fleet {
  private(set) var configuration: DirectorConfiguration
  private(set) var overrides: [String: ServerOverride]
  private(set) var health: [CheckTarget.Identity: TargetHealth] = [:]
  /// What the tables are to be made of.
  private(set) var selected: [SelectedService] = []
  private(set) var standings: [MemberName: Standing] = [:]
  private var selection = Selection()
  private var checks: [String: HealthCheck]
  private var available: Set<MemberName>
  /// Since when members start slowly.
  private var starts: [MemberName: ContinuousClock.Instant] = [:]

  /// A member of a service.
  struct MemberName: Hashable {
    var service: String
    var server: String
  }

  /// A fleet that nobody was chosen from yet. `runtime` is what an earlier run wrote down; members that the tables have
  /// `serving` are taken to be up, and to have started long ago.
  init(
    _ configuration: DirectorConfiguration, _ runtime: RuntimeState?, serving: Set<MemberName>, _ now: Moment
  ) {
    self.configuration = configuration
    checks = configuration.checksByName
    overrides = runtime?.overrides ?? [:]
    available = serving
    selection.shortPools = Set(runtime?.services.flatMap(\.shortPools) ?? [])
    assumeHealth(of: serving, now.timestamp)
    resumeStarts(runtime?.servers ?? [], now.instant)
  }

  mutating func configure(_ configuration: DirectorConfiguration) {
    self.configuration = configuration
    checks = configuration.checksByName
    let targets = Set(self.targets.map(\.identity))
    health = health.filter { targets.contains($0.key) }
    let servers = Set(configuration.servers.map(\.name))
    overrides = overrides.filter { servers.contains($0.key) }
  }

  mutating func record(_ health: TargetHealth, of target: CheckTarget.Identity) {
    self.health[target] = health
  }

  /// Takes down what an operator says; nil for nothing more.
  mutating func override(_ server: String, _ override: ServerOverride?) {
    overrides[server] = override.flatMap { $0.isEmpty ? nil : $0 }
  }

  func server(named name: String) -> RealServer? { configuration.servers.first { $0.name == name } }
}

// What is to be checked.
extension Fleet {
  /// Each once, however many services share it.
  var targets: [CheckTarget] {
    var seen: Set<CheckTarget.Identity> = []
    return configuration.services.flatMap { service in service.members.flatMap { targets(of: $0, in: service) } }
      .filter { seen.insert($0.identity).inserted }
  }

  func targets(of member: Member, in service: Service) -> [CheckTarget] {
    service.checks.compactMap { name in
      checks[name].map { CheckTarget($0, of: member.server, in: service) }
    }
  }

  func rise(of check: String) -> Int { checks[check]?.rise ?? 1 }

  /// Whether every target has had its first round.
  var isChecked: Bool { targets.allSatisfy { health[$0.identity]?.isUp != nil } }

  /// What `serving` members are checked for is taken to be all right.
  private mutating func assumeHealth(of serving: Set<MemberName>, _ now: Timestamp) {
    for service in configuration.services {
      for member in service.members
      where serving.contains(MemberName(service: service.name, server: member.server.name)) {
        for target in targets(of: member, in: service) {
          health[target.identity] = TargetHealth(isUp: true, since: now)
        }
      }
    }
  }

  /// The first check of a member that it does not pass; nil where it passes all.
  func failing(_ member: Member, in service: Service) -> (check: String, health: TargetHealth?)? {
    for target in targets(of: member, in: service) {
      let health = health[target.identity]
      if health?.isUp != true { return (target.check.name, health) }
    }
    return nil
  }
}

extension DirectorConfiguration {
  fileprivate var checksByName: [String: HealthCheck] {
    Dictionary(checks.map { ($0.name, $0) }) { first, _ in first }
  }
}

extension CheckTarget {
  /// Who is asked for a member's sake: the first address of the service.
  fileprivate init(_ check: HealthCheck, of server: RealServer, in service: Service) {
    let port = check.question == .echo ? 0 : check.port ?? service.match.ports.lowerBound
    self.init(
      check: check, server: server, virtualAddress: service.match.prefix.address, port: port,
      transportProtocol: service.match.transportProtocol)
  }
}

extension ServiceReport {
  fileprivate var shortPools: [PoolIdentity] {
    pools.filter(\.isShort).map { PoolIdentity(service: name, pool: $0.name) }
  }
}

// Drawing conclusions.
extension Fleet {
  /// Decides anew who serves, and tells what is different from before.
  mutating func select(_ now: Moment) -> [ControlEvent] {
    followStarts(now.instant)
    let before = selected
    var selection = selection
    selected = selection.select(configuration.services) { condition(of: $1, in: $0, now.instant) }
    self.selection = selection
    let found = standings(now.timestamp)
    defer { standings = found }
    return poolEvents(from: before, now.timestamp) + stateEvents(to: found, now.timestamp)
  }

  /// When the next step of a slow start is due.
  func nextStep(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    configuration.services.flatMap { service in
      service.members.compactMap { member in
        starts[MemberName(service: service.name, server: member.server.name)].flatMap { start in
          SlowStart.timeToNextStep(after: now - start, of: service.slowStart).map { now + $0 }
        }
      }
    }.min()
  }

  private func condition(of member: Member, in service: Service, _ now: ContinuousClock.Instant) -> MemberCondition {
    let override = overrides[member.server.name]
    return MemberCondition(
      isHealthy: failing(member, in: service) == nil, wish: MemberCondition.Wish(override?.state),
      weight: override?.weight(in: service.name), ramp: ramp(of: member, in: service, now))
  }

  func ramp(of member: Member, in service: Service, _ now: ContinuousClock.Instant) -> Int {
    let start = starts[MemberName(service: service.name, server: member.server.name)]
    return start.map { SlowStart.ramp(after: now - $0, of: service.slowStart) } ?? 100
  }

  /// Members that were not to be had and now are begin to start slowly, those of the very beginning aside: with nobody there
  /// to take the rest, they take all at once.
  private mutating func followStarts(_ now: ContinuousClock.Instant) {
    var found: Set<MemberName> = []
    for service in configuration.services {
      for member in service.members where isAvailable(member, in: service) {
        let name = MemberName(service: service.name, server: member.server.name)
        found.insert(name)
        if service.slowStart > .zero, !selected.isEmpty, !available.contains(name) { starts[name] = now }
        if let start = starts[name], now - start >= service.slowStart { starts[name] = nil }
      }
    }
    starts = starts.filter { found.contains($0.key) }
    available = found
  }

  /// Goes on with slow starts where an earlier run was.
  private mutating func resumeStarts(_ reports: [ServerReport], _ now: ContinuousClock.Instant) {
    let services = Dictionary(configuration.services.map { ($0.name, $0) }) { first, _ in first }
    for report in reports {
      for membership in report.memberships where membership.ramp < 100 {
        let name = MemberName(service: membership.service, server: report.name)
        guard available.contains(name), let service = services[name.service] else { continue }
        starts[name] = now - service.slowStart * membership.ramp / 100
      }
    }
  }

  private func isAvailable(_ member: Member, in service: Service) -> Bool {
    member.server.administrativeState == .up && overrides[member.server.name]?.state == nil
      && failing(member, in: service) == nil
  }
}

extension MemberCondition.Wish {
  fileprivate init(_ state: ServerOverride.State?) {
    self =
      switch state {
      case nil: .up
      case .drain: .drain
      case .maintenance: .maintenance
      }
  }
}
