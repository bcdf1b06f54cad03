// SPDX-License-Identifier: MIT
import ArgumentParser
import Netlink
import Provisioning
import Wire

/// `culvert tunnel change`
struct TunnelChange: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "change",
    abstract: "Change a tunnel that Culvert made, while it carries packets.",
    usage: "culvert tunnel change <name> --<option> ...",
    discussion: """
      What is not given stays as it is. Either all of it is changed or nothing. The
      kind stays; where the kernel cannot change a mode, the tunnel is made anew.

        culvert tunnel change site-b --remote 198.51.100.8 --ttl 32 \\
          --add-route 10.7.0.0/16 --remove-route 10.8.0.0/16
      """)

  @Argument(help: "The name of the tunnel.")
  var name: String

  @Option(help: "The address of this end.")
  var local: String?

  @Option(help: "The address of the other end.")
  var remote: String?

  @OptionGroup var options: TunnelOptions

  @Option(help: "One more address for this end; repeatable.")
  var addAddress: [String] = []

  @Option(help: "An address that this end shall lose; repeatable.")
  var removeAddress: [String] = []

  @Option(help: "One more route through the tunnel; repeatable.")
  var addRoute: [String] = []

  @Option(help: "A route that shall go; repeatable.")
  var removeRoute: [String] = []

  @OptionGroup var planning: TunnelPlanning

  @OptionGroup var namespace: NamespaceOptions

  func run() throws {
    try namespace.enter()
    try planning.carryOut(.change(name, change))
  }

  private func change(_ setup: inout TunnelSetup) throws {
    if let local { setup.link.local = try IPAddress(local, givenTo: "--local") }
    if let remote {
      setup.link.remote = try IPAddress(remote, givenTo: "--remote")
      setup.link.mtu = nil
    }
    try options.apply(to: &setup.link)
    try changeAddresses(of: &setup)
    try changeRoutes(of: &setup)
  }

  private func changeAddresses(of setup: inout TunnelSetup) throws {
    for text in removeAddress {
      let prefix = try IPPrefix(text, givenTo: "--remove-address")
      try Self.remove(prefix, from: &setup.addresses, "--remove-address", name)
    }
    for text in addAddress { Self.add(try IPPrefix(text, givenTo: "--add-address"), to: &setup.addresses) }
  }

  private func changeRoutes(of setup: inout TunnelSetup) throws {
    for text in removeRoute {
      let route = try TunnelRoute(text, givenTo: "--remove-route")
      try Self.remove(route, from: &setup.routes, "--remove-route", name)
    }
    for text in addRoute { Self.add(try TunnelRoute(text, givenTo: "--add-route"), to: &setup.routes) }
  }

  private static func add<Item: Equatable>(_ item: Item, to items: inout [Item]) {
    if !items.contains(item) { items.append(item) }
  }

  private static func remove<Item: Equatable & CustomStringConvertible>(
    _ item: Item, from items: inout [Item], _ option: String, _ name: String
  ) throws {
    guard let index = items.firstIndex(of: item) else {
      let there = items.isEmpty ? "nothing of the kind" : items.map(\.description).joined(separator: ", ")
      throw CommandFailure("\(option) \(item): \(name) does not have it, but \(there)")
    }
    items.remove(at: index)
  }
}
