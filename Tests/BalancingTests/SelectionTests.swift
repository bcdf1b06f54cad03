// SPDX-License-Identifier: MIT
import Testing
import Wire

@testable import Balancing

@Suite struct `Selecting members` {
  // MARK: What a member does

  struct Case: CustomTestStringConvertible, Sendable {
    var state = AdministrativeState.up
    var wish = MemberCondition.Wish.up
    var isHealthy = true
    let part: Member.Part

    var testDescription: String { "\(state), \(wish), \(isHealthy ? "healthy" : "unhealthy"): \(part)" }
  }

  static let cases: [Case] = [
    Case(part: .serving),
    Case(isHealthy: false, part: .down),
    Case(wish: .drain, part: .draining),
    Case(wish: .drain, isHealthy: false, part: .down),
    Case(wish: .maintenance, part: .down),
    Case(wish: .maintenance, isHealthy: false, part: .down),
    Case(state: .drain, part: .draining),
    Case(state: .drain, isHealthy: false, part: .down),
    Case(state: .drain, wish: .maintenance, part: .down),
    Case(state: .drain, wish: .drain, part: .draining),
    Case(state: .down, part: .down),
    Case(state: .down, wish: .drain, part: .down),
    Case(state: .down, wish: .maintenance, part: .down),
  ]

  @Test(arguments: cases)
  func `gives a member the part that the strongest voice wants`(one: Case) {
    let pool = Pool(name: "near", members: [Member(server: server(1, one.state)), Member(server: server(2))])
    let selected = select([pool], [1: MemberCondition(isHealthy: one.isHealthy, wish: one.wish)])
    #expect(selected.service.members.map(\.chosenPart) == [one.part, .serving])
    #expect(!selected.isAllDown)
  }

  @Test func `leaves weights alone where nothing scales them`() {
    let pools = [pool("near", [1: 7, 2: 9, 3: 65_535]), pool("far", [4: 3])]
    #expect(weights(select(pools, [3: down])) == [7, 9, 65_535, 3])
  }

  @Test(arguments: [(5, 5), (0, 1), (-3, 1), (70_000, 65_535)])
  func `takes an operator's weight, if it is one`(given: Int, taken: Int) {
    #expect(weights(select([pool("near", [1: 7, 2: 9])], [1: MemberCondition(weight: given)])) == [taken, 9])
  }

  // MARK: Pools

  @Test func `lets pools stand by behind one that is not short`() {
    let selected = select([pool("near", [1: 1, 2: 1]), pool("far", [3: 1])], [:])
    #expect(selected.service.members.map(\.chosenPart) == [.serving, .serving, .standby])
    #expect(selected.pools == [status("near", 100, share: 100), status("far", 100, share: 0)])
  }

  /// Of the near pool's four, so many are up; what follows with a threshold of 50 % and a recovery of 75 %.
  @Test(arguments: [
    (up: 4, isShort: false, near: 100), (2, false, 100), (1, true, 33), (0, true, 0),
  ])
  func `lets the next pool take what a short one cannot`(up: Int, isShort: Bool, near: Int) {
    let pools = [pool("near", [1: 1, 2: 1, 3: 1, 4: 1], threshold: 50, recovery: 75), pool("far", [5: 1, 6: 1])]
    let selected = select(pools, downs(from: up + 1, through: 4))
    #expect(
      selected.pools == [
        status("near", up * 25, isShort: isShort, share: near), status("far", 100, share: 100 - near),
      ])
  }

  @Test func `divides by what each pool can carry, exactly`() {
    let pools = [pool("near", [1: 1, 2: 1, 3: 1], threshold: 60, recovery: 60), pool("far", [4: 1, 5: 4])]
    // A third of sixty percent: the near one carries 5/9, the far ones 4/45 and 16/45.
    #expect(weights(select(pools, downs(from: 2, through: 3))) == [65_535, 1, 1, 10_486, 41_942])
  }

  @Test func `lets the next pool take everything where that is wanted`() {
    let pools = [pool("near", [1: 1, 2: 1, 3: 1], threshold: 50), pool("far", [4: 1])]
    let selected = select(pools, downs(from: 2, through: 3), whenShort: .takeover)
    #expect(selected.service.members.map(\.chosenPart) == [.standby, .down, .down, .serving])
    #expect(weights(selected) == [1, 1, 1, 1])
  }

  @Test(arguments: [(ShortPoolAnswer.takeover, [25, 75]), (.overflow, [32, 68])])
  func `divides what nobody can carry by what is up`(whenShort: ShortPoolAnswer, shares: [Int]) {
    let near = pool("near", [1: 1, 2: 3], threshold: 80)
    let far = pool("far", [3: 3, 4: 1], threshold: 80)
    let selected = select([near, far], [2: down, 4: down], whenShort: whenShort)
    // Overflow: 25/80 here and 75/80 of the rest there leave 33/768, of which a quarter is for here.
    #expect(selected.pools.map(\.share) == shares)
  }

  @Test func `uses the last resort only when nobody else is up`() {
    let pools = [pool("near", [1: 1]), pool("far", [2: 1]), pool("sorry", [3: 1], isLastResort: true)]
    func parts(_ conditions: [Int: MemberCondition]) -> [Member.Part?] {
      select(pools, conditions).service.members.map(\.chosenPart)
    }
    #expect(parts([1: down]) == [.down, .serving, .standby])
    #expect(parts([1: down, 2: down]) == [.down, .down, .serving])
    #expect(parts([1: down, 2: MemberCondition(wish: .drain)]) == [.down, .draining, .serving])
    #expect(parts([1: down, 3: down]) == [.down, .serving, .down])
  }

  @Test func `remembers that a pool is short until it has recovered`() {
    let pools = [pool("near", [1: 1, 2: 1, 3: 1, 4: 1], threshold: 50, recovery: 75), pool("far", [5: 1])]
    var selection = Selection()
    func isShort(up: Int) -> Bool {
      let selected = selection.select([service(pools)]) {
        downs(from: up + 1, through: 4)[$1.number] ?? MemberCondition()
      }
      #expect(selection.shortPools.isEmpty != selected[0].pools[0].isShort)
      return selected[0].pools[0].isShort
    }
    #expect([4, 2, 1, 2, 3, 2, 1, 2].map(isShort) == [false, false, true, true, false, false, true, true])
    _ = selection.select([]) { _, _ in MemberCondition() }
    #expect(selection.shortPools.isEmpty)
    #expect(!isShort(up: 2))
  }

  @Test func `goes on from the short pools of another`() {
    let pools = [pool("near", [1: 1, 2: 1], threshold: 50, recovery: 75), pool("far", [3: 1])]
    var selection = Selection()
    selection.shortPools = [PoolIdentity(service: "web", pool: "near"), PoolIdentity(service: "gone", pool: "near")]
    let selected = selection.select([service(pools)]) { $1.number == 1 ? down : MemberCondition() }
    #expect(selected[0].pools[0].isShort)
    #expect(selection.shortPools == [PoolIdentity(service: "web", pool: "near")])
  }

  // MARK: Sites and slow start

  @Test func `divides among sites as they are weighted, whoever is up`() {
    let members = [(1, "A", 1), (2, "A", 3), (3, "B", 5), (4, "C", 4)].map { number, site, weight in
      var server = server(number)
      server.site = site
      return Member(server: server, weight: weight)
    }
    let pool = Pool(name: "near", members: members, siteWeights: ["A": 40, "B": 10])
    #expect(weights(select([pool], [:])) == [21_845, 65_535, 21_845, 8_738])
    #expect(weights(select([pool], [1: down])) == [1, 65_535, 21_845, 8_738])
  }

  @Test func `counts a part of the weight of who starts slowly, and all of it for the pool`() {
    let pools = [pool("near", [1: 1, 2: 1], threshold: 100), pool("far", [3: 1])]
    let selected = select(pools, [2: MemberCondition(ramp: 10)])
    #expect(weights(selected) == [65_535, 6_554, 1])
    #expect(selected.pools == [status("near", 100, share: 100), status("far", 100, share: 0)])
  }

  // MARK: Nobody is up

  @Test(arguments: [AllDownAnswer.drop, .reset])
  func `lets nobody serve when all are down`(answer: AllDownAnswer) {
    let selected = select(
      [pool("near", [1: 1, 2: 1])], [1: down, 2: MemberCondition(wish: .drain)], whenAllDown: answer)
    #expect(selected.isAllDown)
    #expect(selected.service.members.map(\.chosenPart) == [.down, .draining])
    #expect(selected.pools == [status("near", 0, isShort: true, share: 0)])
  }

  struct OpenCase: Sendable {
    let conditions: [Int: MemberCondition]
    let parts: [Member.Part]
  }

  static let openCases: [OpenCase] = [
    OpenCase(conditions: [1: down, 2: down, 3: down], parts: [.serving, .serving, .standby]),
    OpenCase(conditions: [1: down, 2: maintenance, 3: down], parts: [.serving, .down, .standby]),
    OpenCase(conditions: [1: down, 2: drain(false), 3: down], parts: [.serving, .draining, .standby]),
    OpenCase(conditions: [1: maintenance, 2: drain(true), 3: down], parts: [.down, .draining, .serving]),
    OpenCase(conditions: [1: drain(false), 2: drain(true), 3: maintenance], parts: [.serving, .serving, .down]),
    OpenCase(conditions: [1: maintenance, 2: maintenance, 3: maintenance], parts: [.down, .down, .down]),
  ]

  @Test(arguments: openCases)
  func `fails open to all who are not kept away`(one: OpenCase) {
    let pools = [pool("near", [1: 2]), pool("far", [2: 6]), pool("sorry", [3: 1], isLastResort: true)]
    let selected = select(pools, one.conditions, whenAllDown: .failOpen)
    #expect(selected.isAllDown)
    #expect(selected.service.members.map(\.chosenPart) == one.parts)
    #expect(weights(selected) == [2, 6, 1])
  }

  @Test func `says how a service that failed open divides its flows`() {
    let pools = [pool("near", [1: 2]), pool("far", [2: 6])]
    let selected = select(pools, [1: down, 2: down], whenAllDown: .failOpen)
    #expect(
      selected.pools == [status("near", 0, isShort: true, share: 25), status("far", 0, isShort: true, share: 75)])
  }
}

// MARK: Shorthand

private let down = MemberCondition(isHealthy: false)
private let maintenance = MemberCondition(wish: .maintenance)

private func drain(_ isHealthy: Bool) -> MemberCondition { MemberCondition(isHealthy: isHealthy, wish: .drain) }

private func downs(from first: Int, through last: Int) -> [Int: MemberCondition] {
  Dictionary(uniqueKeysWithValues: (first..<last + 1).map { ($0, down) })
}

private func pool(
  _ name: String, _ weights: KeyValuePairs<Int, Int>, threshold: Int = 0, recovery: Int? = nil,
  isLastResort: Bool = false
) -> Pool {
  Pool(
    name: name, members: weights.map { Member(server: server($0), weight: $1) }, threshold: threshold,
    recovery: recovery, isLastResort: isLastResort)
}

private func service(_ pools: [Pool]) -> Service {
  var service = service(servers: [])
  service.name = "web"
  service.pools = pools
  return service
}

private func select(
  _ pools: [Pool], _ conditions: [Int: MemberCondition], whenShort: ShortPoolAnswer = .overflow,
  whenAllDown: AllDownAnswer = .drop
) -> SelectedService {
  var service = service(pools)
  service.whenShort = whenShort
  service.whenAllDown = whenAllDown
  var selection = Selection()
  return selection.select([service]) { conditions[$1.number] ?? MemberCondition() }[0]
}

private func weights(_ selected: SelectedService) -> [Int] { selected.service.members.map(\.weight) }

private func status(_ name: String, _ up: Int, isShort: Bool = false, share: Int) -> PoolStatus {
  PoolStatus(name: name, up: up, isShort: isShort, share: share)
}

extension Member {
  /// That of its address.
  fileprivate var number: Int { Int(server.address.mapped.embeddedIPv4.bits & 0xFF) }
}
