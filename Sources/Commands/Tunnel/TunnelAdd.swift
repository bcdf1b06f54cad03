// SPDX-License-Identifier: MIT
import ArgumentParser
import Netlink
import Provisioning
import Wire

/// `culvert tunnel add`
struct TunnelAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Make a tunnel, with its addresses and the routes through it.",
    usage: "culvert tunnel add <name> --kind <kind> --local <ip> --remote <ip> ...",
    discussion: """
      Either all of it is made or nothing; the same again changes nothing. What is
      made is marked as Culvert's. Over IPv4: ipip carries IPv4, sit both versions,
      gre both, gretap Ethernet. Over IPv6: ip6tnl, ip6gre, ip6gretap.

        culvert tunnel add site-b --kind gre --local 192.0.2.10 \\
          --remote 198.51.100.7 --address 10.9.0.1/30 --route 10.8.0.0/16
      """)

  @Argument(help: "The name of the new link, at most 15 bytes.")
  var name: String

  @Option(help: "The kernel's driver; for Foo over UDP and GUE see --encap.")
  var kind: Tunnel.Kind

  @Option(help: "The address of this end, of IPv4 or IPv6.")
  var local: String

  @Option(help: "The address of the other end.")
  var remote: String

  @OptionGroup var options: TunnelOptions

  @Option(help: "An address for this end inside the tunnel, with its prefix length; repeatable.")
  var address: [String] = []

  @Option(help: "What to send through: 10.8.0.0/16, or '10.8.0.0/16 via 10.9.0.2 metric 100'; repeatable.")
  var route: [String] = []

  @OptionGroup var planning: TunnelPlanning

  @OptionGroup var namespace: NamespaceOptions

  func run() throws {
    try namespace.enter()
    try planning.carryOut(.add(try setup()))
  }

  private func setup() throws -> TunnelSetup {
    var link = TunnelLink(
      name: name, kind: kind, local: try IPAddress(local, givenTo: "--local"),
      remote: try IPAddress(remote, givenTo: "--remote"))
    try options.apply(to: &link)
    var setup = TunnelSetup(link)
    setup.addresses = try address.map { try IPPrefix($0, givenTo: "--address") }
    setup.routes = try route.map { try TunnelRoute($0, givenTo: "--route") }
    return setup
  }
}
