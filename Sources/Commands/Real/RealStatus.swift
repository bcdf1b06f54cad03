// SPDX-License-Identifier: MIT
import ArgumentParser
import DataPlane
import Provisioning

/// `culvert real status`
struct RealStatus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show what the real server receives, holds and needs.",
    usage: "culvert real status [<options>]",
    discussion: """
      Ends with status 1 if something is missing.

        culvert real status --json
      """)

  @Flag(help: "As JSON, with stable keys.")
  var json = false

  @OptionGroup var state: StateOptions
  @OptionGroup var namespace: NamespaceOptions

  func run() throws {
    try namespace.enter()
    guard let status = try RealServerControl(stateDirectory: state.stateDirectory).status() else {
      return json ? try Output.json(["isUp": false]) : print("not a real server")
    }
    json ? try Output.json(status) : print(Self.text(status))
    guard status.problems.isEmpty else { throw ExitCode.failure }
  }

  static func text(_ status: RealServerStatus) -> String {
    var parts = [facts(status), settings(status)]
    if let verdicts = status.verdicts { parts.append(table(verdicts)) }
    if let tunnels = status.tunnels { parts.append(TunnelList.table(tunnels)) }
    parts += status.problems
    return parts.joined(separator: "\n\n")
  }

  private static func facts(_ status: RealServerStatus) -> String {
    func list(_ items: [some CustomStringConvertible]) -> String { items.map(\.description).joined(separator: ", ") }
    let mode = status.xdpMode.map { "bpf, \($0) XDP" } ?? status.decapsulation.rawValue
    // Culvert's decapsulator tells by itself what arrives.
    let sent = status.decapsulation == .bpf ? [] : [("encapsulation", encapsulation(status))]
    let tunnels = [("directors", list(status.directors)), ("tunnels end at", list(status.endpoints))]
    return TextTable.facts(
      [("interface", status.interface), ("decapsulation", mode)] + sent
        + (status.decapsulation == .unneeded ? [] : tunnels)
        + status.virtualAddresses.map { held in
          ("virtual address", "\(held.address) on \(held.links.isEmpty ? "no link" : list(held.links))")
        } + [
          ("MSS", segments(status)), ("allow-list", status.allowList?.explanation ?? "none: there is no tunnel"),
          ("at boot", status.bootUnit ?? "nothing"),
        ])
  }

  private static func segments(_ status: RealServerStatus) -> String {
    let limits = status.maximumSegments.sorted { $0.key < $1.key }
    return limits.isEmpty ? "as usual" : limits.map { "\($0.value) over \($0.key)" }.joined(separator: ", ")
  }

  private static func encapsulation(_ status: RealServerStatus) -> String {
    let key = status.key.map { " with key \($0)" } ?? ""
    let port = status.port.map { " at UDP port \($0)" } ?? ""
    return status.encapsulation.rawValue + key + port
  }

  private static func settings(_ status: RealServerStatus) -> String {
    var table = TextTable(("SETTING", .left), ("NEEDED", .right), ("FOUND", .right))
    for setting in status.settings {
      table.add(setting.key, "\(setting.needed)", setting.found.map { "\($0)" } ?? "-")
    }
    return table.text
  }

  /// In the order of the manual, first the good ones.
  private static func table(_ verdicts: [String: UInt64]) -> String {
    var table = TextTable(("VERDICT", .left), ("PACKETS", .right), ("WHAT THEN", .left))
    for verdict in DecapsulationVerdict.allCases {
      table.add("\(verdict)", "\(verdicts["\(verdict)"] ?? 0)", fate(verdict))
    }
    return table.text
  }

  private static func fate(_ verdict: DecapsulationVerdict) -> String {
    if verdict == .decapsulated { return "delivered" }
    return verdict.isDrop ? "dropped" : "passed on unchanged"
  }
}

extension RealServerStatus.AllowList {
  fileprivate var explanation: String {
    switch self {
    case .bpf: "directors and virtual addresses, in the decapsulator"
    case .nftables: "directors by the tunnels, virtual addresses by nftables"
    }
  }
}
