// SPDX-License-Identifier: MIT
import Control
import DataPlane
import Health

extension ServerListing {
  /// What it gets and, behind that, why it is not plainly up.
  func lines(at now: Timestamp) -> [String] {
    [line] + remarks(at: now).flatMap { $0.wrapped(by: 7, hanging: 9) }
  }

  private var line: String {
    let who = name.map { "\($0.shortened(to: max(28 - address.count, 9))) \(address)" } ?? address
    let share = Double(slots) * 100 / Double(slotCount)
    return Self.columns(
      who, encapsulation, "\(weight)", "\(oneDecimal(share))%", stateText,
      rates.map { scaled($0.flows) } ?? "-",
      rates.map { scaled($0.packets) } ?? "-")
  }

  static func columns(
    _ who: String, _ forward: String, _ weight: String, _ share: String, _ state: String, _ flows: String,
    _ packets: String
  ) -> String {
    "  -> " + who.padded(30) + forward.padded(8) + weight.aligned(6) + share.aligned(7) + " " + state.padded(8)
      + flows.aligned(7) + packets.aligned(7)
  }

  /// In at most eight characters.
  private var stateText: String { (state == "maintenance" ? "maint" : state) + (isMissed ? "!" : "") }
}

// Why it is not plainly up.
extension ServerListing {
  fileprivate func remarks(at now: Timestamp) -> [String] {
    // Checks of other services' sake may say the same.
    var said: Set<String> = []
    return [why(at: now), slowStart].compactMap { $0 }
      + (checks ?? []).flatMap(remarks).filter { said.insert($0).inserted }
  }

  private func why(at now: Timestamp) -> String? {
    guard let since, let by, let reason, state != "up", state != "standby" else { return nil }
    return Why(state: state, since: since, by: by, reason: reason).text(at: now)
  }

  private var slowStart: String? {
    guard state == "up", let ramp, ramp < 100 else { return nil }
    return "starts slowly: \(ramp)% of its weight counts"
  }

  private func remarks(on check: CheckReport) -> [String] {
    let doctor =
      check.ways == ["direct": true, "tunnel": false] ? ": run 'culvert real doctor' on \(name ?? address)" : ""
    return [
      check.waysText.flatMap { ways in
        check.up == true || reason?.contains(ways) == true ? nil : "check \(check.check): \(ways)\(doctor)"
      },
      check.isDamped
        ? "check \(check.check) flaps: up again only after \(check.neededSuccesses) good answers in a row" : nil,
    ].compactMap { $0 }
  }
}
