// SPDX-License-Identifier: MIT
import Configuration
import Control
import DataPlane
import Health

// The shape of `ipvsadm -Ln`, on 80 columns.
extension Listing {
  func text(at now: Timestamp) -> String {
    let notFor = Self.paragraph("not for a service:", verdicts)
    let blocks = services.flatMap { $0.lines(at: now) }
    return ([heading] + warnings + Self.titles + blocks + notFor + footnote).joined(separator: "\n")
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

  fileprivate func lines(at now: Timestamp) -> [String] {
    let first = Self.columns(
      `protocol`.uppercased(), endpoint, scheduler, table, "\(unsettled)", (name ?? "").shortened(to: 16))
    return [first] + allDownLine + memberLines(at: now) + Listing.paragraph("     not sent:", verdicts)
  }

  private var allDownLine: [String] {
    allDown.map { ["  nobody is up: \(AllDownText.of($0))"] } ?? []
  }

  /// By pools, where there are several.
  private func memberLines(at now: Timestamp) -> [String] {
    guard pools.count > 1 else { return servers.flatMap { $0.lines(at: now) } }
    let others = servers.filter { server in !pools.contains { $0.name == server.pool } }
    return pools.flatMap { pool in
      ["  \(pool.name.shortened(to: 40)): \(pool.standing)"]
        + servers.filter { $0.pool == pool.name }.flatMap { $0.lines(at: now) }
    } + (others.isEmpty ? [] : ["  in no pool any more"] + others.flatMap { $0.lines(at: now) })
  }

  fileprivate static func columns(
    _ protocol: String, _ address: String, _ scheduler: String, _ table: String, _ unsettled: String, _ name: String
  ) -> String {
    `protocol`.padded(5) + address.padded(22) + scheduler.padded(10) + table.padded(17) + unsettled.padded(10) + name
  }
}
