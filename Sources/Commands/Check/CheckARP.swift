// SPDX-License-Identifier: MIT
import ArgumentParser
import Balancing
import Configuration
import Director
import Linux
import Netlink
import Probing
import Wire

/// `culvert check arp VIP`: who says that it has a virtual address.
struct CheckARP: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "arp",
    abstract: "List every host on the link that says it has a virtual address.",
    usage: "culvert check arp <vip> [<options>]",
    discussion: """
      Asks by ARP, or by neighbour discovery for IPv6, in a way that nobody learns from. Exactly one host must answer, \
      and no real server; else it ends with 1. Real servers are known by the configuration of the director that runs \
      here, or by --config.

      EXAMPLE: culvert check arp 203.0.113.80 --interface eth0
      """)

  @Argument(help: "The virtual address.")
  var vip: String

  @Option(help: "Where to ask. (default: the director's interface)")
  var interface: String?

  @Option(help: "Take the interface and the real servers from this configuration.")
  var config: String?

  @OptionGroup var patience: TimeoutOptions

  @OptionGroup var state: StateOptions

  @OptionGroup var namespace: NamespaceOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    try namespace.enter()
    let address = try IPAddress(vip, givenTo: "<vip>")
    try Capability.require(.netRaw, for: "ask who has an address")
    let configuration = try readConfiguration()
    let check = try explaining { try ask(address, configuration) }
    if json { try Output.json(check) } else { print(check.text) }
    guard check.isGood else { throw ExitCode.failure }
  }

  /// Without a director here, an interface is all that is needed.
  private func readConfiguration() throws -> DirectorConfiguration? {
    if let config { return try CheckConfiguration.read(config) }
    do {
      return try RunningDirector(stateDirectory: state.stateDirectory, bpffs: state.bpffs, interface: nil).configuration
    } catch {
      guard interface != nil else {
        throw CommandFailure("say where to ask with --interface or --config: \(error)")
      }
      return nil
    }
  }

  private func ask(_ address: IPAddress, _ configuration: DirectorConfiguration?) throws -> ClaimCheck {
    let netlink = try NetlinkConnection()
    let name = interface ?? configuration?.interface ?? ""
    guard let link = try netlink.link(named: name) else { throw CommandFailure("there is no interface \(name) here") }
    guard link.isUp else { throw CommandFailure("\(name) is down: 'ip link set \(name) up'") }
    let servers = configuration?.servers ?? []
    // Who they are is known by the time that the answers are in.
    for server in servers where isNeighbour(server.address, on: link, netlink) {
      try netlink.solicit(server.address, on: link.index)
    }
    let claimants = try ClaimSearch.claimants(of: address, on: link, within: patience.timeout)
    let neighbours = try netlink.neighbours(on: link.index)
    return ClaimCheck(address, link, claimants, neighbours, servers)
  }

  private func isNeighbour(_ address: IPAddress, on link: Link, _ netlink: NetlinkConnection) -> Bool {
    guard let route = try? netlink.route(to: address) else { return false }
    return route.interface == link.index && route.gateway == nil && route.type == .unicast
  }
}
