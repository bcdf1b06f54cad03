// SPDX-License-Identifier: MIT
@testable import Balancing

/// A fraction of whole numbers, exact.
struct Fraction: CustomStringConvertible {
  let over: Int
  let under: Int

  init(_ over: Int, _ under: Int = 1) {
    var (a, b) = (abs(over), under)
    while b != 0 { (a, b) = (b, a % b) }
    (self.over, self.under) = (over / a, under / a)
  }

  var value: Double { Double(over) / Double(under) }
  var description: String { "\(over)/\(under)" }

  static func + (left: Self, right: Self) -> Self {
    Fraction(left.over * right.under + right.over * left.under, left.under * right.under)
  }
  static func - (left: Self, right: Self) -> Self { left + Fraction(-right.over, right.under) }
  static func * (left: Self, right: Self) -> Self {
    let (first, second) = (Fraction(left.over, right.under), Fraction(right.over, left.under))
    return Fraction(first.over * second.over, first.under * second.under)
  }
  static func / (left: Self, right: Self) -> Self { left * Fraction(right.under, right.over) }
  static func < (left: Self, right: Self) -> Bool { left.over * right.under < right.over * left.under }
}

extension Sequence<Fraction> {
  var sum: Fraction { reduce(Fraction(0)) { $0 + $1 } }
}

/// What `Selection` is to do, said in the plainest way: one pool after the other, in exact fractions.
struct SelectionOracle {
  struct Answer {
    var parts: [Member.Part] = []
    var shares: [Fraction] = []
    var isShort: [Bool] = []
  }

  private var short: Set<String> = []

  mutating func select(_ service: Service, _ condition: (Member) -> MemberCondition) -> Answer {
    var answer = Answer()
    for pool in service.pools {
      let part = upPart(of: pool, condition)
      let isShort =
        part.over == 0 || part * Fraction(100) < Fraction(short.contains(pool.name) ? pool.recovery : pool.threshold)
      answer.isShort.append(isShort)
    }
    short = Set(zip(service.pools, answer.isShort).filter(\.1).map(\.0.name))
    let isAllDown = !service.members.contains { canServe($0, condition($0)) }
    let loads = loads(service, answer.isShort, condition)
    for (pool, load) in zip(service.pools, loads) {
      let all = pool.members.filter { canServe($0, condition($0)) }.map { strength($0, pool, condition) }.sum
      for member in pool.members {
        let serves = canServe(member, condition(member)) && load.over > 0
        answer.parts.append(
          serves ? .serving : canServe(member, condition(member)) ? .standby : rest(member, condition(member)))
        answer.shares.append(serves ? load * strength(member, pool, condition) / all : Fraction(0))
      }
    }
    if isAllDown && service.whenAllDown == .failOpen { open(service, condition, &answer) }
    return answer
  }

  private func canServe(_ member: Member, _ condition: MemberCondition) -> Bool {
    condition.isHealthy && condition.wish == .up && member.server.administrativeState == .up
  }

  /// The part of who cannot serve.
  private func rest(_ member: Member, _ condition: MemberCondition) -> Member.Part {
    let isKeptAway = member.server.administrativeState == .down || condition.wish == .maintenance
    return isKeptAway || !condition.isHealthy ? .down : .draining
  }

  private func weight(_ member: Member, _ condition: (Member) -> MemberCondition) -> Int {
    condition(member).weight ?? member.weight
  }

  private func upPart(of pool: Pool, _ condition: (Member) -> MemberCondition) -> Fraction {
    let all = pool.members.reduce(0) { $0 + weight($1, condition) }
    let up = pool.members.filter { canServe($0, condition($0)) }.reduce(0) { $0 + weight($1, condition) }
    return all == 0 ? Fraction(0) : Fraction(up, all)
  }

  private func loads(
    _ service: Service, _ isShort: [Bool], _ condition: (Member) -> MemberCondition
  ) -> [Fraction] {
    let ordinary = service.pools.filter { !$0.isLastResort }.flatMap(\.members)
    let isResort = !ordinary.contains { canServe($0, condition($0)) }
    var left = Fraction(1)
    var loads = service.pools.map { _ in Fraction(0) }
    let turns = service.pools.indices.filter { service.pools[$0].isLastResort == isResort }
    for turn in turns {
      let pool = service.pools[turn]
      if !isShort[turn] {
        loads[turn] = left
      } else if service.whenShort == .overflow && pool.recovery > 0 {
        loads[turn] = left * upPart(of: pool, condition) * Fraction(100, pool.recovery)
      }
      left = left - loads[turn]
    }
    let up = turns.map { turn in
      let members = service.pools[turn].members.filter { canServe($0, condition($0)) }
      return Fraction(members.reduce(0) { $0 + weight($1, condition) })
    }
    guard up.sum.over > 0 else { return loads }
    for (turn, weight) in zip(turns, up) { loads[turn] = loads[turn] + left * weight / up.sum }
    return loads
  }

  private func strength(_ member: Member, _ pool: Pool, _ condition: (Member) -> MemberCondition) -> Fraction {
    let own = Fraction(weight(member, condition) * condition(member).ramp, 100)
    guard let site = member.server.site, let siteWeight = pool.siteWeights[site] else { return own }
    let neighbours = pool.members.filter { $0.server.site == site }
    return own * Fraction(siteWeight, neighbours.reduce(0) { $0 + weight($1, condition) })
  }

  /// Nobody is up, and nobody believes the checks.
  private func open(_ service: Service, _ condition: (Member) -> MemberCondition, _ answer: inout Answer) {
    let places = service.pools.flatMap { pool in pool.members.map { (pool, $0) } }
    let away = places.map { _, member in
      condition(member).wish == .maintenance || member.server.administrativeState == .down
    }
    let draining = places.map { _, member in
      condition(member).wish == .drain || member.server.administrativeState == .drain
    }
    func ones(_ isWanted: (Int) -> Bool) -> [Int] { places.indices.filter { !away[$0] && isWanted($0) } }
    let ladder = [
      ones { !draining[$0] && !places[$0].0.isLastResort }, ones { !draining[$0] }, ones { _ in true },
    ]
    let serving = Set(ladder.first { !$0.isEmpty } ?? [])
    let total = serving.reduce(0) { $0 + weight(places[$1].1, condition) }
    for place in places.indices {
      let isServing = serving.contains(place)
      answer.parts[place] = isServing ? .serving : away[place] ? .down : draining[place] ? .draining : .standby
      answer.shares[place] = isServing ? Fraction(weight(places[place].1, condition), total) : Fraction(0)
    }
  }
}
