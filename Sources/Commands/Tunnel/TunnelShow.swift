// SPDX-License-Identifier: MIT
import ArgumentParser
import Netlink
import Provisioning
import Wire

/// `culvert tunnel show`
struct TunnelShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one tunnel with all that belongs to it.",
    discussion: "EXAMPLE: culvert tunnel show site-b")

  @Argument(help: "The name of the tunnel.")
  var name: String

  @Flag(help: "As JSON, with the keys of 'list --json'.")
  var json = false

  func run() throws {
    let tunnel = try TunnelView.named(name, NetlinkConnection())
    if json { return try Output.json(tunnel) }
    print(Self.text(tunnel))
  }

  static func text(_ tunnel: TunnelView) -> String {
    func list(_ items: [some CustomStringConvertible]) -> String {
      items.isEmpty ? "none" : items.map(\.description).joined(separator: ", ")
    }
    return TextTable.facts([
      ("name", tunnel.name), ("kind", tunnel.kind), ("state", tunnel.isUp ? "up" : "down"),
      ("made by", tunnel.isCulverts ? "culvert" : "somebody else"),
      ("local", tunnel.local?.description ?? "any"), ("remote", tunnel.remote?.description ?? "any"),
      ("udp", tunnel.encapsulation.map { "\($0), port \(tunnel.port ?? 0)" } ?? "none"),
      ("key", tunnel.key?.description ?? "none"), ("ttl", tunnel.ttl == 0 ? "inherit" : "\(tunnel.ttl)"),
      ("device", tunnel.device ?? "by route"), ("mtu", "\(tunnel.mtu) bytes"),
      ("addresses", list(tunnel.addresses)), ("routes", list(tunnel.routes)),
      (
        "received",
        "\(tunnel.receivedPackets) packets, \(tunnel.receivedBytes) bytes, \(tunnel.receiveErrors) errors"
      ),
      ("sent", "\(tunnel.sentPackets) packets, \(tunnel.sentBytes) bytes, \(tunnel.sendErrors) errors"),
    ])
  }
}
