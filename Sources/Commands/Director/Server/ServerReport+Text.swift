// SPDX-License-Identifier: MIT
import Control
import Health

extension ServerReport {
  /// All that is known of it.
  func text(at now: Timestamp) -> String {
    let facts =
      [("name", name), ("address", address)] + [("site", site), ("operator", wish(at: now))].compactMap(known)
    let parts = [TextTable.facts(facts), membershipTable, why(at: now)] + checks.map { $0.text(at: now) }
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private func known(_ fact: (String, String?)) -> (String, String)? { fact.1.map { (fact.0, $0) } }

  /// `drain by root: kernel upgrade (5 min ago)`
  private func wish(at now: Timestamp) -> String? {
    guard let override, !override.isEmpty else { return nil }
    return Why(state: override.summary, since: override.at, by: override.by, reason: override.reason).text(at: now)
      .replacing("\u{A0}", with: " ")
  }

  /// A sentence for each service.
  private func why(at now: Timestamp) -> String {
    memberships.flatMap { $0.whyText(at: now).wrapped(by: 0, hanging: 2) }.joined(separator: "\n")
  }

  private var membershipTable: String {
    guard !memberships.isEmpty else { return "in no service" }
    var table = TextTable(
      ("SERVICE", .left), ("POOL", .left), ("STATE", .left), ("WEIGHT", .right), ("SLOTS", .right),
      ("LEFT", .right), ("FLOWS", .right))
    for membership in memberships {
      table.add(
        membership.service.shortened(to: 20), membership.pool.shortened(to: 12), membership.state.rawValue,
        membership.weightText, "\(membership.slots)", "\(membership.remainingSlots)",
        "\(membership.rememberedFlows)")
    }
    return table.text
  }
}

extension ServerOverride {
  /// `drain, weight 5, weight 3 in web`
  fileprivate var summary: String {
    let weights = serviceWeights.sorted { $0.key < $1.key }.map { "weight \($0.value) in \($0.key)" }
    return ([state?.rawValue, weight.map { "weight \($0)" }].compactMap { $0 } + weights).joined(separator: ", ")
  }
}

extension MembershipReport {
  /// `5`; `30% of 5` while it starts slowly.
  var weightText: String { ramp < 100 ? "\(ramp)% of \(weight)" : "\(weight)" }
}
