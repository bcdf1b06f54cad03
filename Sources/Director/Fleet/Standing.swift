// SPDX-License-Identifier: MIT
import Balancing
import Control
import Health

/// What a member does, since when, on whose word, and why.
struct Standing: Hashable {
  var state: MemberState
  var since: Timestamp
  var by: String
  var reason: String

  /// Whether nothing but the time is different.
  func says(the other: Standing) -> Bool { state == other.state && by == other.by && reason == other.reason }
}

extension Fleet {
  /// What each member does by the last selection. One that does what it did keeps its time.
  func standings(_ now: Timestamp) -> [MemberName: Standing] {
    var found: [MemberName: Standing] = [:]
    for chosen in selected {
      for pool in chosen.service.pools {
        for member in pool.members {
          let name = MemberName(service: chosen.service.name, server: member.server.name)
          var standing = standing(of: member, in: pool, of: chosen, now)
          if let old = standings[name], old.state == standing.state { standing.since = old.since }
          found[name] = standing
        }
      }
    }
    return found
  }

  private func standing(
    of member: Member, in pool: Pool, of chosen: SelectedService, _ now: Timestamp
  ) -> Standing {
    let override = overrides[member.server.name]
    switch member.part {
    case .serving: return serving(member, of: chosen, now)
    case .standby: return standby(pool, of: chosen, now)
    case .draining: return Standing(.drain, override, now)
    case .down where override?.state == .maintenance: return Standing(.maintenance, override, now)
    case .down: return down(member, in: chosen.service, now)
    }
  }

  private func serving(_ member: Member, of chosen: SelectedService, _ now: Timestamp) -> Standing {
    guard !chosen.isAllDown else {
      return Standing(state: .up, since: now, by: "all-down", reason: "no member is up, and the service fails open")
    }
    let check = chosen.service.checks.first.map { "check \($0)" } ?? "configuration"
    return Standing(state: .up, since: now, by: check, reason: "")
  }

  private func standby(_ pool: Pool, of chosen: SelectedService, _ now: Timestamp) -> Standing {
    let others = chosen.pools.filter { $0.share > 0 }.map(\.name).joined(separator: ", ")
    let reason = others.isEmpty ? "no pool takes new flows" : "pool \(others) takes new flows"
    return Standing(state: .standby, since: now, by: "pool \(pool.name)", reason: reason)
  }

  private func down(_ member: Member, in service: Service, _ now: Timestamp) -> Standing {
    guard member.server.administrativeState != .down, let failing = failing(member, in: service) else {
      return Standing(state: .down, since: now, by: "configuration", reason: "state: down")
    }
    return Standing(
      state: .down, since: now, by: "check \(failing.check)", reason: failing.health?.reason ?? "not checked yet")
  }
}

extension Standing {
  /// What an operator said, or else the configuration.
  fileprivate init(_ state: MemberState, _ override: ServerOverride?, _ now: Timestamp) {
    guard let override, override.state != nil else {
      self.init(state: state, since: now, by: "configuration", reason: "state: \(state.rawValue)")
      return
    }
    self.init(state: state, since: override.at, by: override.by, reason: override.reason)
  }
}

extension TargetHealth {
  /// Why it is not up.
  fileprivate var reason: String {
    guard isUp != nil else { return "not checked yet" }
    guard let failure = lastFailure?.failure else { return "" }
    return streak > 0 && history.last?.failure == nil ? "passes again, \(streak) of \(neededSuccesses)" : "\(failure)"
  }
}

// What is worth telling.
extension Fleet {
  func stateEvents(to found: [MemberName: Standing], _ now: Timestamp) -> [ControlEvent] {
    found.sorted { ($0.key.service, $0.key.server) < ($1.key.service, $1.key.server) }.compactMap { name, standing in
      guard standings[name]?.state != standing.state else { return nil }
      let before = standings[name].map { "\($0.state.rawValue) -> " } ?? ""
      let why = standing.reason.isEmpty ? standing.by : "\(standing.by): \(standing.reason)"
      return ControlEvent(
        time: now, kind: .state, server: name.server, service: name.service,
        text: "\(before)\(standing.state.rawValue) (\(why))")
    }
  }

  func poolEvents(from before: [SelectedService], _ now: Timestamp) -> [ControlEvent] {
    let old = Dictionary(before.map { ($0.service.name, $0) }) { first, _ in first }
    return selected.flatMap { chosen -> [ControlEvent] in
      guard let earlier = old[chosen.service.name] else { return [] }
      let pools = chosen.pools.filter { pool in
        earlier.pools.first { $0.name == pool.name }.map { $0.isShort != pool.isShort || $0.share != pool.share }
          ?? true
      }
      let texts = pools.map { pool in
        "pool \(pool.name): \(pool.up) % up\(pool.isShort ? ", short" : ""), takes \(pool.share) % of new flows"
      }
      let fate =
        chosen.isAllDown && !earlier.isAllDown ? ["no member is up: \(chosen.service.whenAllDown.rawValue)"] : []
      return (fate + texts).map { ControlEvent(time: now, kind: .pool, service: chosen.service.name, text: $0) }
    }
  }
}
