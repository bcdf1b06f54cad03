// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import Control
import DataPlane
import Health
import HealthChecking
import Wire

/// What the tables say of members, to be told together with what the fleet knows.
struct TableView {
  let state: ForwardingState
  /// None where nobody counted.
  let flows: [DestinationIndex: Int]
  let hash: (ServiceMatch) -> String

  fileprivate func members(of service: Service) -> [String: MemberStatus] {
    let members = state.members(of: service.match).compactMap { status in status.destination.name.map { ($0, status) } }
    return Dictionary(members) { first, _ in first }
  }
}

extension Fleet {
  /// Each real server of the configuration, in its order; or the one of this name alone, which is cheaper.
  func serverReports(_ tables: TableView, _ now: Moment, of name: String? = nil) -> [ServerReport] {
    let memberships = memberships(tables, now, of: name)
    return configuration.servers.filter { name == nil || $0.name == name }.map { server in
      ServerReport(
        name: server.name, address: "\(server.address)", site: server.site, override: overrides[server.name],
        memberships: memberships[server.name] ?? [], checks: checkReports(of: server.name))
    }
  }

  func serviceReports(_ tables: TableView) -> [ServiceReport] {
    selected.map { chosen in
      let pools = chosen.pools.map { PoolReport(name: $0.name, up: $0.up, isShort: $0.isShort, share: $0.share) }
      return ServiceReport(
        name: chosen.service.name, table: tables.hash(chosen.service.match),
        unsettledSlots: tables.state.unsettledSlots(of: chosen.service.match), pools: pools,
        allDown: chosen.isAllDown ? chosen.service.whenAllDown.rawValue : nil)
    }
  }

  private func memberships(_ tables: TableView, _ now: Moment, of name: String?) -> [String: [MembershipReport]] {
    var found: [String: [MembershipReport]] = [:]
    for service in configuration.services {
      let isAbout: (Member) -> Bool = { name == nil || $0.server.name == name }
      guard service.members.contains(where: isAbout) else { continue }
      let statuses = tables.members(of: service)
      for pool in service.pools {
        for member in pool.members where isAbout(member) {
          let report = report(member, in: pool, of: service, statuses[member.server.name], tables, now)
          found[member.server.name, default: []].append(report)
        }
      }
    }
    return found
  }

  private func report(
    _ member: Member, in pool: Pool, of service: Service, _ status: MemberStatus?, _ tables: TableView, _ now: Moment
  ) -> MembershipReport {
    let standing =
      standings[MemberName(service: service.name, server: member.server.name)]
      ?? Standing(state: .down, since: now.timestamp, by: "configuration", reason: "not in force yet")
    return MembershipReport(
      service: service.name, pool: pool.name, state: standing.state, since: standing.since, by: standing.by,
      reason: standing.reason, weight: overrides[member.server.name]?.weight(in: service.name) ?? member.weight,
      ramp: ramp(of: member, in: service, now.instant), slots: status?.slots ?? 0,
      remainingSlots: status?.remainingSlots ?? 0,
      rememberedFlows: status.flatMap { tables.flows[$0.index] } ?? 0)
  }

  private func checkReports(of server: String) -> [CheckReport] {
    health.filter { $0.key.server == server }
      .map { CheckReport($0.key, $0.value, rise: rise(of: $0.key.check)) }
      .sorted { ($0.check, $0.address) < ($1.check, $1.address) }
  }
}

extension CheckReport {
  fileprivate init(_ target: CheckTarget.Identity, _ health: TargetHealth, rise: Int) {
    self.init(
      check: target.check, address: target.text, up: health.isUp, since: health.since, streak: health.streak,
      neededSuccesses: health.neededSuccesses, isDamped: health.neededSuccesses > rise,
      roundTripMilliseconds: health.roundTrip.map { $0 / .milliseconds(1) },
      ways: Dictionary(health.legs.map { ($0.key.rawValue, $0.value) }) { first, _ in first },
      lastFailure: health.lastFailure.map(Event.init), history: health.history.map(Event.init))
  }
}

extension CheckReport.Event {
  fileprivate init(_ event: TargetHealth.Event) {
    self.init(
      at: event.at, failure: event.failure?.kind.rawValue, way: event.failure?.leg.rawValue,
      detail: event.failure?.detail)
  }
}

extension CheckTarget.Identity {
  /// `203.0.113.80:80`, or the address alone.
  var text: String {
    guard port != 0 else { return "\(virtualAddress)" }
    return virtualAddress.version == .v6 ? "[\(virtualAddress)]:\(port)" : "\(virtualAddress):\(port)"
  }
}
