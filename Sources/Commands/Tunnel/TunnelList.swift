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
    discussion: "A remote end of 'any' takes packets from everybody who knows the address.")

  @Flag(help: "As JSON, with stable keys.")
  var json = false

  func run() throws {
    let tunnels = try TunnelView.all(NetlinkConnection())
    if json { return try Output.json(tunnels) }
    guard !tunnels.isEmpty else { return Output.note("no tunnels") }
    print(Self.table(tunnels))
  }

  static func table(_ tunnels: [TunnelView]) -> String {
    var table = TextTable(
      ("NAME", .left), ("KIND", .left), ("LOCAL", .left), ("REMOTE", .left), ("MTU", .right), ("STATE", .left),
      ("RECEIVED", .right), ("SENT", .right))
    for tunnel in tunnels {
      table.add(
        tunnel.name, tunnel.encapsulation.map { "\($0)/\(tunnel.kind)" } ?? tunnel.kind,
        tunnel.local?.description ?? "any", tunnel.remote?.description ?? "any",
        "\(tunnel.mtu)", tunnel.isUp ? "up" : "down", "\(tunnel.receivedPackets)", "\(tunnel.sentPackets)")
    }
    return table.text
  }
}
