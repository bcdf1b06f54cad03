// SPDX-License-Identifier: MIT
import Control
import Health

// Real servers in various states, as directors tell of them.
enum ServerExamples {
  static let now = Timestamp(milliseconds: 1_790_000_000_000)

  static func ago(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: now.milliseconds - seconds * 1_000) }

  static func membership(
    _ state: MemberState = .up, in service: String = "web", pool: String = "near", by: String = "check web",
    reason: String = "", weight: Int = 1, ramp: Int = 100, slots: Int = 0, left: Int = 0, flows: Int = 0
  ) -> MembershipReport {
    MembershipReport(
      service: service, pool: pool, state: state, since: ago(120), by: by, reason: reason, weight: weight, ramp: ramp,
      slots: slots, remainingSlots: left, rememberedFlows: flows)
  }

  static func check(
    up: Bool? = true, isDamped: Bool = false, ways: [String: Bool] = [:], failure: CheckReport.Event? = nil
  ) -> CheckReport {
    CheckReport(
      check: "web", address: "203.0.113.80:80", up: up, since: ago(120), streak: 60, neededSuccesses: isDamped ? 8 : 2,
      isDamped: isDamped, roundTripMilliseconds: 0.42, ways: ways, lastFailure: failure,
      history: failure.map { [.init(at: ago(300), failure: nil, way: nil, detail: nil), $0] } ?? [])
  }

  static func server(
    _ name: String, override: ServerOverride? = nil, _ memberships: [MembershipReport] = [],
    _ checks: [CheckReport] = []
  ) -> ServerReport {
    ServerReport(
      name: name, address: "10.1.0.11", site: "A", override: override, memberships: memberships, checks: checks)
  }

  static let upgrade = ServerOverride(
    state: .drain, serviceWeights: ["web": 5], by: "root", at: ago(300), reason: "kernel upgrade")

  static let draining = server(
    "a1", override: upgrade,
    [
      membership(.drain, by: "root", reason: "kernel upgrade", weight: 5, left: 12, flows: 3),
      membership(.drain, in: "dns", pool: "servers", by: "root", reason: "kernel upgrade"),
    ], [check()])

  static let failing = server(
    "a2", [membership(.down, reason: "full-size: 1480 bytes not answered, small ones are")],
    [
      check(
        up: false, isDamped: true, ways: ["tunnel": false, "direct": true],
        failure: .init(
          at: ago(120), failure: "full-size", way: "tunnel", detail: "1480 bytes not answered, small ones are"))
    ])
}
