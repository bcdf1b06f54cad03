// SPDX-License-Identifier: MIT
import ArgumentParser
import Linux
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
      Either all of it is made or nothing. What is made is marked as Culvert's, so
      that 'culvert tunnel remove' may remove it. Addresses and routes tell which
      versions of IP it carries; IPv4 where there are none.

        culvert tunnel add site-b --kind gre --local 192.0.2.10 \\
          --remote 198.51.100.7 --address 10.9.0.1/30 --route 10.8.0.0/16
      """)

  @Argument(help: "The name of the new link, at most 15 characters.")
  var name: String

  @Option(help: "ipip: IP in IP. gre: in GRE. gue, fou: in UDP, with a header or without.")
  var kind: TunnelProtocol

  @Option(help: "The address of this end, of IPv4 or IPv6.")
  var local: String

  @Option(help: "The address of the other end.")
  var remote: String

  @Option(help: "A key that both ends have to agree on, 4 bytes more (gre).")
  var key: UInt32?

  @Option(help: "The UDP port of both ends (gue and fou). (default: 6080)")
  var port: UInt16?

  @Option(help: "The outer time to live, 1 to 255.")
  var ttl: UInt8 = 64

  @Option(help: "The outer type of service, 0 to 255, or inherit: that of the packet inside.")
  var tos = "inherit"

  @Option(help: "The interface to send through. (default: that of the route to the other end)")
  var device: String?

  @Option(help: "The MTU in bytes. (default: that of the route to the other end, less the overhead)")
  var mtu: UInt32?

  @Option(help: "An address for this end inside the tunnel, with its prefix length; repeatable.")
  var address: [String] = []

  @Option(help: "What to send through the tunnel; repeatable.")
  var route: [String] = []

  @Flag(help: "Print the commands of ip(8) that do the same, and change nothing.")
  var plan = false

  func run() throws {
    let setup = try setup()
    let netlink = try NetlinkConnection()
    if plan { return print(try setup.commands(netlink).joined(separator: "\n")) }
    try Capability.require(.netAdmin, for: "add a tunnel")
    try setup.add(netlink, report: Output.command)
  }

  private func setup() throws -> TunnelSetup {
    var setup = TunnelSetup(
      name: try linkName(), tunnelProtocol: kind, local: try IPAddress(local, givenTo: "--local"),
      remote: try IPAddress(remote, givenTo: "--remote"))
    guard ttl > 0 else { throw CommandFailure("--ttl 0: packets would not leave this host; give 1 to 255") }
    setup.ttl = ttl
    setup.tos = try typeOfService()
    (setup.key, setup.port, setup.device, setup.mtu) = (key, port, device, mtu)
    setup.addresses = try address.map { try IPPrefix($0, givenTo: "--address") }
    setup.routes = try route.map { try IPPrefix($0, givenTo: "--route") }
    return setup
  }

  private func linkName() throws -> String {
    let forbidden = name.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") }
    guard 1...15 ~= name.utf8.count, !forbidden, name != ".", name != ".." else {
      throw CommandFailure("\"\(name)\" cannot be a link's name: 1 to 15 bytes, without white space, / or :")
    }
    return name
  }

  private func typeOfService() throws -> UInt8? {
    if tos == "inherit" { return nil }
    // The kernel takes 1 for inherit, and the lowest bits are not the sender's to choose (RFC 3168).
    guard let number = UInt8(tos), number & 3 == 0 else {
      throw CommandFailure("--tos \(tos): neither inherit nor a multiple of 4 from 0 to 252")
    }
    return number
  }
}
