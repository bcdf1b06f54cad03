// SPDX-License-Identifier: MIT
import ArgumentParser
import Netlink
import Provisioning

/// `culvert tunnel show`
struct TunnelShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one tunnel with all that belongs to it.",
    usage: "culvert tunnel show <name> [--json]",
    discussion: """
      Every line is named like the option that sets it.

        culvert tunnel show site-b
      """)

  @Argument(help: "The name of the tunnel.")
  var name: String

  @Flag(help: "As JSON, with the keys of 'list --json'.")
  var json = false

  @OptionGroup var namespace: NamespaceOptions

  func run() throws {
    try namespace.enter()
    let tunnel = try TunnelView.named(name, NetlinkConnection())
    if json { return try Output.json(tunnel) }
    print(Self.text(tunnel))
  }

  static func text(_ tunnel: TunnelView) -> String {
    TextTable.facts(
      [("name", tunnel.name), ("owner", tunnel.owner.rawValue)]
        + tunnel.facts.map { ($0.name, $0.value) }
        + [
          (
            "received",
            "\(tunnel.receivedPackets) packets, \(tunnel.receivedBytes) bytes, \(tunnel.receiveErrors) errors"
          ),
          ("sent", "\(tunnel.sentPackets) packets, \(tunnel.sentBytes) bytes, \(tunnel.sendErrors) errors"),
        ])
  }
}
