// SPDX-License-Identifier: MIT
import ArgumentParser
import Linux
import Netlink
import Provisioning

/// `culvert tunnel remove`
struct TunnelRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Remove a tunnel that Culvert made, with its addresses and routes.",
    discussion: "EXAMPLE: culvert tunnel remove site-b")

  @Argument(help: "The name of the tunnel.")
  var name: String

  func run() throws {
    let netlink = try NetlinkConnection()
    _ = try TunnelView.named(name, netlink)
    try Capability.require(.netAdmin, for: "remove a tunnel")
    try TunnelView.remove(name, netlink, report: Output.command)
  }
}
