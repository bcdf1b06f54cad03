// SPDX-License-Identifier: MIT
import Balancing
import Wire

/// The real servers of a service: `servers`, or `pools` of them.
struct PoolReader {
  /// The number of pools that a service can have.
  private static let limit = 16

  let service: Value
  /// Of the service's address; `nil` where that cannot be read.
  let version: IPVersion?
  /// By name; `nil` where they cannot be read.
  let servers: [String: Entry<RealServer>]?

  /// The pools of the service, the nearest first.
  func read(_ fields: inout Fields) -> [Pool]? {
    guard fields.has("pools") else {
      return fields.required("servers") { members($0, of: service.label) }.map {
        check([$0])
        return [Pool(name: Service.onlyPool, members: $0.compactMap(\.content))]
      }
    }
    let reason = "stand in \"pools\" where a service has them: write the names under \"servers\" of a pool"
    _ = fields.optional("servers", where: false, otherwise: reason, { _ in true })
    return fields.required("pools", pools)
  }

  private func pools(_ value: Value) -> [Pool]? {
    var members: [[Entry<Member>]] = []
    var number = 0
    let entries = value.list(of: "pool", in: service.label, limit: Self.limit) { item -> Pool? in
      number += 1
      return pool(item, number: number, &members)
    }
    guard let entries else { return nil }
    check(members)
    checkNamesDiffer(entries)
    checkLastResort(entries)
    return entries.compactMap(\.content)
  }

  private func pool(_ value: Value, number: Int, _ all: inout [[Entry<Member>]]) -> Pool? {
    value.fields { fields -> Pool? in
      let name = fields.optional("name", scalar(Format.name)) ?? Pool.name(number: number)
      let members = fields.required("servers") { self.members($0, of: value.label) }
      let threshold = fields.optional("threshold", scalar(Format.percent)) ?? 0
      let recovery = fields.optional("recovery", scalar(Format.percent))
      checkRecovery(recovery, threshold, of: value)
      let isLastResort = fields.optional("last-resort", scalar(Format.choice(Words.truths))) ?? false
      let weights = fields.optional("site-weights") { siteWeights($0, members) } ?? [:]
      guard let members else { return nil }
      all.append(members)
      return Pool(
        name: name, members: members.compactMap(\.content), threshold: threshold, recovery: recovery,
        isLastResort: isLastResort, siteWeights: weights)
    }
  }

  private func checkRecovery(_ recovery: Int?, _ threshold: Int, of pool: Value) {
    guard let recovery, recovery < threshold else { return }
    pool.reading.report(
      """
      "recovery" of \(pool.label) is less than its threshold of \(threshold)%: a pool that is short must get better \
      before it counts as whole
      """, at: pool.position(of: "recovery"), suggestion: "\(threshold)%")
  }

  /// Shares of the sites that members have.
  private func siteWeights(_ value: Value, _ members: [Entry<Member>]?) -> [String: Int]? {
    let sites = Set((members ?? []).compactMap { $0.content?.server.site })
    let areKnown = members?.allSatisfy { $0.content != nil } == true
    let entries = value.table(of: "site", limit: DirectorConfiguration.memberLimit) { name, value -> Int? in
      if areKnown, !sites.contains(name) {
        value.reading.report(
          "no server of this pool has the \(value.label)", at: value.start,
          suggestion: suggestion(for: name, among: sites.sorted()))
      }
      return scalar(Format.number(in: 1...65_535))(value)
    }
    return entries.map { $0.reduce(into: [:]) { $0[$1.name] = $1.content } }
  }

  // MARK: - Members

  private func members(_ value: Value, of owner: String) -> [Entry<Member>]? {
    value.list(of: "server", in: owner, limit: DirectorConfiguration.memberLimit) { item in
      if item.isSingle { return reference(item).map { Member(server: $0) } }
      return item.fields { fields -> Member? in
        let server = fields.required("name", reference)
        let weight = fields.optional("weight", scalar(Format.weight))
        return server.map { Member(server: $0, weight: weight ?? 1) }
      }
    }
  }

  /// The server that a member names; `nil` without a word if that server's own entry, or all of them, are at fault.
  private func reference(_ value: Value) -> RealServer? {
    guard let name = value.text(), let servers else { return nil }
    guard let entry = servers[name] else {
      value.reading.report(
        "unknown server \(quoted(name)) in \(service.label)", at: value.node.position,
        suggestion: suggestion(for: name, among: servers.keys.sorted()))
      return nil
    }
    return entry.content
  }

  private func check(_ pools: [[Entry<Member>]]) {
    Membership(service: service, version: version, pools: pools).check()
  }
}

extension PoolReader {
  private func checkNamesDiffer(_ pools: [Entry<Pool>]) {
    var seen: [String: Position] = [:]
    for entry in pools {
      guard let name = entry.content?.name else { continue }
      let position = entry.value.position(of: "name")
      if let first = seen[name] {
        service.reading.report(
          "pool \(quoted(name)) of \(service.label) is given twice, first at \(first)", at: position)
      }
      seen[name] = seen[name] ?? position
    }
  }

  /// They serve when no other pool can: one of those is needed, and the last resort comes last.
  private func checkLastResort(_ pools: [Entry<Pool>]) {
    let known = pools.filter { $0.content != nil }
    guard let last = known.lastIndex(where: { $0.content?.isLastResort == false }) else {
      if let first = known.first, known.count == pools.count {
        first.value.reading.report(
          "\(first.value.label) is the last resort of no other pool: leave \"last-resort\" out",
          at: first.value.position(of: "last-resort"))
      }
      return
    }
    for entry in known[..<last] where entry.content?.isLastResort == true {
      entry.value.reading.report(
        "\(entry.value.label) is a last resort, and another pool stands after it: put those of last resort last",
        at: entry.value.position(of: "last-resort"))
    }
  }
}

extension Pool {
  /// What a pool is called where the file does not.
  static func name(number: Int) -> String { "pool \(number)" }
}
