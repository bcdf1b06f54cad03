// SPDX-License-Identifier: MIT
import Glibc
import Testing

@testable import Balancing

/// `Selection` against the rules of pools as one would say them, in exact fractions.
@Suite struct `Selecting at random` {
  static let seeds: [UInt64] = {
    if let text = getenv("CULVERT_SEED"), let seed = UInt64(String(cString: text)) { return [seed] }
    return (0..<8).map { _ in .random(in: 0 ... .max) }
  }()

  @Test(arguments: seeds)
  func `gives each member the share that the rules say`(seed: UInt64) {
    print("seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    var selection = Selection()
    var oracle = SelectionOracle()
    var service = randomService(&generator)
    for round in 0..<300 {
      if round % 20 == 0 { service = randomService(&generator) }
      let conditions = randomConditions(service, &generator)
      func condition(_ member: Member) -> MemberCondition { conditions[member.server.name] ?? MemberCondition() }
      let selected = selection.select([service]) { condition($1) }[0]
      compare(selected, oracle.select(service, condition), "seed \(seed), round \(round)")
      #expect(throws: Never.self) { try StateError.check(BalancingConfiguration(services: [selected.service])) }
    }
  }

  private func compare(_ selected: SelectedService, _ expected: SelectionOracle.Answer, _ context: Comment) {
    let members = selected.service.members
    #expect(members.map(\.chosenPart) == expected.parts, context)
    #expect(selected.pools.map(\.isShort) == expected.isShort, context)
    #expect(members.allSatisfy { 1...65_535 ~= $0.weight }, context)
    let total = members.reduce(0) { $1.part == .serving ? $0 + $1.weight : $0 }
    for (member, share) in zip(members, expected.shares) where member.part == .serving {
      // Half a unit of the largest weight for rounding, one for what may not round to nothing, each way.
      let error = abs(Double(member.weight) / Double(total) - share.value)
      #expect(error <= 1.5 * Double(members.count) / 65_535, "\(context): \(member.server.name) \(share)")
    }
  }

  private func randomService(_ generator: inout SeededGenerator) -> Service {
    func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }
    var name = 0
    var service = service(servers: [])
    service.pools = (1...number(1...4)).map { position in
      let members = (0..<number(0...4)).map { _ in
        name += 1
        var one = server(name, number(0...9) == 0 ? .drain : number(0...9) == 0 ? .down : .up)
        one.site = [nil, "A", "B"][number(0...2)]
        return Member(server: one, weight: number(1...5))
      }
      let threshold = [0, 30, 50, 100][number(0...3)]
      return Pool(
        name: "p\(position)", members: members, threshold: threshold, recovery: min(threshold + number(0...30), 100),
        isLastResort: position == 4, siteWeights: number(0...2) == 0 ? ["A": number(1...9), "B": number(1...9)] : [:])
    }
    service.whenShort = ShortPoolAnswer.allCases[number(0...1)]
    service.whenAllDown = AllDownAnswer.allCases[number(0...2)]
    return service
  }

  private func randomConditions(
    _ service: Service, _ generator: inout SeededGenerator
  ) -> [String: MemberCondition] {
    func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }
    let sick = number(0...10)
    return service.members.reduce(into: [:]) { conditions, member in
      conditions[member.server.name] = MemberCondition(
        isHealthy: number(1...10) > sick, wish: [.up, .up, .up, .up, .up, .drain, .maintenance][number(0...6)],
        weight: number(0...7) == 0 ? number(1...9) : nil, ramp: number(0...5) == 0 ? number(1...10) * 10 : 100)
    }
  }
}
