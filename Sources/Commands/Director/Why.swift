// SPDX-License-Identifier: MIT
import Control
import Health

/// On whose word a server does what it does, and why.
struct Why {
  let state: String
  let since: Timestamp
  let by: String
  let reason: String

  /// `down: check web: timeout: no answer in 500 ms (2 min ago)`, `drain by root: kernel upgrade (5 min ago)`; its age
  /// stays in one piece where it is wrapped.
  func text(at now: Timestamp) -> String {
    let who = by.hasPrefix("check ") ? ": \(by)" : " by \(by)"
    let age = "(\(Age(of: since, at: now)) ago)".replacing(" ", with: "\u{A0}")
    return "\(state)\(who)\(reason.isEmpty ? "" : ": \(reason)") \(age)"
  }
}

extension MembershipReport {
  /// `web: standby by pool near (5 min ago)`
  func whyText(at now: Timestamp) -> String {
    "\(service): " + Why(state: state.rawValue, since: since, by: by, reason: reason).text(at: now)
  }
}
