// SPDX-License-Identifier: MIT

/// A member, and what it could do.
struct Candidate {
  /// Its weight is the operator's, if an operator has given it one.
  let member: Member
  let condition: MemberCondition
  /// `.serving` where it could serve.
  let part: Member.Part

  init(_ member: Member, _ condition: MemberCondition) {
    var member = member
    if let weight = condition.weight { member.weight = min(max(weight, 1), 65_535) }
    self.member = member
    self.condition = condition
    self.part = condition.part(of: member.server)
  }

  var isUp: Bool { part == .serving }

  /// The same for somebody who does not believe the checks.
  var trusted: Candidate {
    var condition = condition
    condition.isHealthy = true
    return Candidate(member, condition)
  }

  func chosen(_ part: Member.Part, weight: Int? = nil) -> Member {
    Member(server: member.server, weight: weight ?? member.weight, chosenPart: part)
  }
}

extension MemberCondition {
  /// What a member could do: `.serving`, where nothing is known that keeps it from serving.
  fileprivate func part(of server: RealServer) -> Member.Part {
    if server.administrativeState == .down || wish == .maintenance || !isHealthy { return .down }
    return server.administrativeState == .drain || wish == .drain ? .draining : .serving
  }
}

/// A pool, and what its members could do.
struct PoolCandidates {
  let pool: Pool
  let candidates: [Candidate]
  /// The weights of all members, and of those who are up.
  let weight: Int
  let upWeight: Int
  let isShort: Bool

  init(_ pool: Pool, wasShort: Bool, condition: (Member) -> MemberCondition) {
    self.pool = pool
    candidates = pool.members.map { Candidate($0, condition($0)) }
    weight = candidates.reduce(0) { $0 + $1.member.weight }
    upWeight = candidates.reduce(0) { $0 + ($1.isUp ? $1.member.weight : 0) }
    let enough = wasShort ? pool.enough : pool.threshold
    isShort = upWeight == 0 || upWeight * 100 < weight * enough
  }

  var upPercent: Int { upWeight == 0 ? 0 : max(upWeight * 100 / weight, 1) }
}

extension Pool {
  /// The part of its weight, in percent, that carries all that comes to it.
  var enough: Int { max(recovery, threshold) }
}
