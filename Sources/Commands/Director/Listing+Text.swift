// SPDX-License-Identifier: MIT
import DataPlane

// The shape of `ipvsadm -Ln`, on 80 columns.
extension Listing {
  var text: String {
    let supervised = process.map { "process \($0)" } ?? "no process: packets are forwarded, changes are not followed"
    let head = [
      "culvert director on \(interface), \(engine) engine, \(supervised)",
      "Prot VirtualAddress:Port     Scheduler Table             Unsettled",
      "  -> RealServer                       Forward Weight  Share State   Flow/s  Pkt/s",
    ]
    let rest = verdicts.isEmpty ? [] : ["not for a service: \(Self.text(verdicts))"]
    return (head + services.flatMap(\.lines) + rest).joined(separator: "\n")
  }

  fileprivate static func text(_ verdicts: [String: UInt64]) -> String {
    verdicts.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }
}

extension ServiceListing {
  fileprivate var lines: [String] {
    let first =
      "\(`protocol`.uppercased())".padded(5) + "\(address):\(port)".padded(24) + scheduler.padded(10)
      + table.padded(18) + "\(unsettled)".padded(10) + (name ?? "")
    let rest = verdicts.isEmpty ? [] : ["     not sent: \(Listing.text(verdicts))"]
    return [first] + servers.map(\.line) + rest
  }
}

extension ServerListing {
  fileprivate var line: String {
    let who = name.map { "\($0) \(address)" } ?? address
    let share = Double(slots) * 100 / Double(slotCount)
    return "  -> " + who.padded(33) + encapsulation.padded(7) + "\(weight)".aligned(7) + "\(rounded(share))%".aligned(7)
      + " " + (reachable ? state : "\(state)!").padded(6) + scaled(rates.flows).aligned(8)
      + scaled(rates.packets).aligned(7)
  }

  private func rounded(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// At most five characters, `1234`, `12.3k`, `4.5M`.
  private func scaled(_ value: Double) -> String {
    for (factor, unit) in [(1e9, "G"), (1e6, "M"), (1e4, "k")] where value >= factor {
      return "\(rounded(value / (unit == "k" ? 1e3 : factor)))\(unit)"
    }
    return "\(Int(value.rounded()))"
  }
}

extension String {
  /// At least `width` characters, spaces behind.
  func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(count < width ? width - count : 1, 0))
  }

  /// At least `width` characters, spaces in front.
  func aligned(_ width: Int) -> String { String(repeating: " ", count: max(width - count, 0)) + self }
}
