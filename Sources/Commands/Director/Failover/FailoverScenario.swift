// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import Control
import Health

/// A configuration, and what is known of its servers.
struct FailoverScenario {
  let configuration: DirectorConfiguration
  /// nil where nothing is: all servers count as up then.
  let runtime: RuntimeState?

  /// What would change if all of `losses` were down.
  func simulate(_ losses: [Loss]) -> FailoverSimulation {
    var selection = Selection()
    selection.shortPools = shortPools
    let before = selection.select(configuration.services, condition: condition)
    let after = selection.select(configuration.services) { service, member in
      var condition = condition(service, member)
      if losses.contains(where: { $0.covers(member.server) }) { condition.isHealthy = false }
      return condition
    }
    return FailoverSimulation(before: before, after: after)
  }

  private var shortPools: Set<PoolIdentity> {
    Set(
      (runtime?.services ?? []).flatMap { service in
        service.pools.filter(\.isShort).map { PoolIdentity(service: service.name, pool: $0.name) }
      })
  }

  private func condition(_ service: Service, _ member: Member) -> MemberCondition {
    let override = runtime?.overrides[member.server.name]
    var condition = MemberCondition(weight: override?.weight(in: service.name))
    switch override?.state {
    case .drain: condition.wish = .drain
    case .maintenance: condition.wish = .maintenance
    case nil: condition.wish = .up
    }
    guard let report = runtime?.servers.first(where: { $0.name == member.server.name }),
      let membership = report.memberships.first(where: { $0.service == service.name })
    else { return condition }
    condition.ramp = membership.ramp
    condition.isHealthy = report.isHealthy(membership, service.checks)
    return condition
  }
}

extension ServerReport {
  /// Whether it passes the checks of a service; while an operator has taken it out, that is said by the checks alone.
  fileprivate func isHealthy(_ membership: MembershipReport, _ names: [String]) -> Bool {
    switch membership.state {
    case .up, .standby: true
    case .down: false
    case .drain, .maintenance: checks.filter { names.contains($0.check) }.allSatisfy { $0.up == true }
    }
  }
}
