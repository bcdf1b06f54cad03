// SPDX-License-Identifier: MIT
import ArgumentParser
import Netlink
import Provisioning
import Wire

/// `culvert tunnel list`
struct TunnelList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Show all tunnels, whoever made them.",
    usage: "culvert tunnel list [--json | --tsv]",
    discussion: """
      A remote end of 'any' takes packets from everybody who knows the address.
      'culvert tunnel apply' reads what --json prints.

        culvert tunnel list --json
      """)

  @Flag(help: "As JSON, with stable keys.")
  var json = false

  @Flag(help: "As a line with tabs for each tunnel, for scripts; no heading, stable columns.")
  var tsv = false

  @OptionGroup var namespace: NamespaceOptions

  func validate() throws {
    if json && tsv { throw ValidationError("--json or --tsv, not both") }
  }

  func run() throws {
    try namespace.enter()
    let tunnels = try TunnelView.all(NetlinkConnection())
    if json { return try Output.json(tunnels) }
    guard !tunnels.isEmpty else { return Output.note("no tunnels") }
    print(tsv ? tunnels.map { $0.columns.joined(separator: "\t") }.joined(separator: "\n") : Self.table(tunnels))
  }

  static func table(_ tunnels: [TunnelView]) -> String {
    var table = TextTable(
      ("NAME", .left), ("KIND", .left), ("LOCAL", .left), ("REMOTE", .left), ("MTU", .right), ("STATE", .left),
      ("OWNER", .left), ("RECEIVED", .right), ("SENT", .right))
    for tunnel in tunnels {
      table.add(
        tunnel.name, tunnel.encapsulation.map { "\(tunnel.kind)/\($0)" } ?? tunnel.kind.rawValue,
        tunnel.local?.description ?? "any", tunnel.remote?.description ?? "any",
        "\(tunnel.mtu)", tunnel.isUp ? "up" : "down", tunnel.owner.rawValue, "\(tunnel.receivedPackets)",
        "\(tunnel.sentPackets)")
    }
    return table.text
  }
}
