// SPDX-License-Identifier: MIT
import Configuration
import DataPlane

// The shape of `ipvsadm -Ln`, on 80 columns.
extension Listing {
  var text: String {
    let notFor = Self.paragraph("not for a service:", verdicts)
    return ([heading] + warnings + Self.titles + services.flatMap(\.lines) + notFor + footnote).joined(separator: "\n")
  }

  private var heading: String {
    "culvert director on \(interface), \(engine) engine, \(process.map { "process \($0)" } ?? "no process")"
  }

  private var warnings: [String] {
    guard process == nil else { return [] }
    let fate =
      engine == EngineKind.kernel.rawValue ? "packets are forwarded, changes are not followed" : "nothing is forwarded"
    return ["\(fate): start culvert run"]
  }

  private static let titles = [
    ServiceListing.columns("Prot", "VirtualAddress:Port", "Scheduler", "Table", "Unsettled", "Service"),
    ServerListing.columns("RealServer", "Forward", "Weight", "Share", "State", "Flow/s", "Pkt/s"),
  ]

  private var footnote: [String] {
    let isComplete = services.allSatisfy { !$0.servers.contains(where: \.isMissed) }
    return isComplete ? [] : ["!: no way there is known; 'ip route get ADDRESS' and 'ip neighbour' say more"]
  }

  /// Verdicts and their numbers, the most frequent first, on as many lines as they take.
  fileprivate static func paragraph(_ title: String, _ verdicts: [String: UInt64]) -> [String] {
    let counts = verdicts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
    return counts.enumerated().reduce(into: []) { lines, item in
      let text = item.offset + 1 < counts.count ? item.element + "," : item.element
      if let last = lines.last, last.count + text.count < 80 {
        lines[lines.count - 1] += " " + text
      } else {
        lines.append((lines.isEmpty ? title : String(repeating: " ", count: title.count)) + " " + text)
      }
    }
  }
}

extension ServiceListing {
  private var endpoint: String {
    let host = address.contains(":") ? "[\(address)]" : address
    return port.map { "\(host):\($0)" } ?? host
  }

  fileprivate var lines: [String] {
    let first = Self.columns(
      `protocol`.uppercased(), endpoint, scheduler, table, "\(unsettled)", (name ?? "").shortened(to: 16))
    return [first] + servers.map(\.line) + Listing.paragraph("     not sent:", verdicts)
  }

  fileprivate static func columns(
    _ protocol: String, _ address: String, _ scheduler: String, _ table: String, _ unsettled: String, _ name: String
  ) -> String {
    `protocol`.padded(5) + address.padded(22) + scheduler.padded(10) + table.padded(17) + unsettled.padded(10) + name
  }
}

extension ServerListing {
  fileprivate var line: String {
    let who = name.map { "\($0.shortened(to: max(30 - address.count, 9))) \(address)" } ?? address
    let share = Double(slots) * 100 / Double(slotCount)
    return Self.columns(
      who, encapsulation, "\(weight)", "\(oneDecimal(share))%", isMissed ? "\(state)!" : state,
      rates.map { scaled($0.flows) } ?? "-",
      rates.map { scaled($0.packets) } ?? "-")
  }

  fileprivate static func columns(
    _ who: String, _ forward: String, _ weight: String, _ share: String, _ state: String, _ flows: String,
    _ packets: String
  ) -> String {
    "  -> " + who.padded(32) + forward.padded(8) + weight.aligned(6) + share.aligned(7) + " " + state.padded(7)
      + flows.aligned(7) + packets.aligned(7)
  }
}

/// A number that is not negative, with one decimal.
private func oneDecimal(_ value: Double) -> String {
  let tenths = Int((value * 10).rounded())
  return "\(tenths / 10).\(tenths % 10)"
}

/// A rate in at most five characters: `1234`, `12.3k`, `123k`.
func scaled(_ rate: Double) -> String {
  var (value, unit) = (rate, "")
  for larger in ["k", "M", "G", "T"] where value >= 9_999.5 { (value, unit) = (value / 1000, larger) }
  return unit.isEmpty || value >= 99.95 ? "\(Int(value.rounded()))\(unit)" : oneDecimal(value) + unit
}
