// SPDX-License-Identifier: MIT
import Linux
import Netlink
import Wire

extension RealServerArrangement {
  /// Decides what `request` leaves open, by what this host is like.
  init(
    _ request: RealServerRequest, _ decapsulation: Decapsulation, _ boot: BootUnit? = nil,
    on netlink: NetlinkConnection
  ) throws {
    self.request = request
    self.decapsulation = decapsulation
    self.boot = boot
    let interface = try netlink.requireLink(request.interface)
    try Self.requireSilence(about: request.virtualAddresses, netlink)
    let own = try netlink.addresses(on: interface.index)
    endpoints = decapsulation == .unneeded ? [] : try Self.endpoints(request, of: interface, own)
    loosensReversePathFilter = try Self.isStrict(interface, netlink)
    try Self.requireLoopback(netlink)
    try look(at: netlink)
    guard request.virtualAddresses.contains(where: { $0.address.version == .v6 }) else { return }
    // New devices begin with the setting of `default`, and drop what comes in by IPv6 where that is off.
    try Self.requireIPv6([decapsulation == .kernel ? "default" : interface.name, Self.addressLink])
  }

  /// Decides anew what depends on things that change on a host while it is a real server.
  mutating func look(at netlink: NetlinkConnection) throws {
    otherInterfaces = try Self.askable(netlink).map(\.name).filter { $0 != request.interface }
    returns = try returnRoutes(netlink)
    let modules = ports.map { $0.outer == .v4 ? "fou" : "fou6" }
    boot?.modules = modules
  }

  /// As ``look(at:)`` would have it, or as it is where the host has lost what that needs, such as the interface.
  func lookingAgain(at netlink: NetlinkConnection) -> RealServerArrangement {
    var arrangement = self
    return (try? arrangement.look(at: netlink)) == nil ? self : arrangement
  }

  /// The links on which neighbours ask for addresses of this host. Which of them share a wire with the directors and
  /// their routers, nobody can tell from here.
  private static func askable(_ netlink: NetlinkConnection) throws -> [Link] {
    let silent: LinkFlags = [.loopback, .noARP]
    return try netlink.links().filter {
      $0.macAddress != nil && $0.master == nil && $0.flags.isDisjoint(with: silent)
    }
  }

  /// Refuses virtual addresses that neighbours ask for on a link that has them: those it does answer for.
  private static func requireSilence(about virtual: [IPPrefix], _ netlink: NetlinkConnection) throws {
    for link in try askable(netlink) {
      let own = try netlink.addresses(on: link.index).map(\.address)
      guard let exposed = own.first(where: { own in virtual.contains { $0.contains(own) } }) else { continue }
      throw ProvisioningError(
        """
        \(exposed) is on \(link.name), where neighbours are told about it, so that it would take the director's \
        packets: remove it there, Culvert adds it where it is silent
        """)
    }
  }

  /// The addresses that tunnels end at here: at least one for each director.
  private static func endpoints(
    _ request: RealServerRequest, of interface: Link, _ own: [InterfaceAddress]
  ) throws -> [IPAddress] {
    let lasting = own.filter { $0.address.version == .v4 || $0.scope == .universe && !$0.flags.contains(.temporary) }
    let candidates = request.endpoints.isEmpty ? lasting.map(\.address) : request.endpoints
    for director in request.directors where ways(candidates, [director]).isEmpty {
      let version = "IPv\(director.address.version.rawValue)"
      throw ProvisioningError(
        request.endpoints.isEmpty
          ? "\(interface.name) has no \(version) address that tunnels from \(director.shortText) could end at: add one, or give --local"
          : "no --local is an \(version) address, as the director \(director.shortText) is one: give one more")
    }
    return candidates.filter { !ways([$0], request.directors).isEmpty }
  }

  /// Whether the interface drops packets whose source is reached by another one, and there is such a way.
  private static func isStrict(_ interface: Link, _ netlink: NetlinkConnection) throws -> Bool {
    let filter = InterfaceSetting(interface: interface.name, name: "rp_filter", value: 2)
    guard try filter.effective() == 1 else { return false }
    let defaults = try netlink.routes(.v4, table: .main).filter { $0.destination.length == 0 }
    return defaults.isEmpty || defaults.contains { $0.interface != interface.index }
  }

  /// The kernel receives packets for addresses of a link only while that is up.
  private static func requireLoopback(_ netlink: NetlinkConnection) throws {
    guard try netlink.requireLink(addressLink).isUp else {
      throw ProvisioningError("\(addressLink) is down, so that it cannot hold virtual addresses: 'ip link set lo up'")
    }
  }

  private static func requireIPv6(_ names: [String]) throws {
    for name in names where try Sysctl("net/ipv6/conf/\(name)/disable_ipv6").read() != "0" {
      let key = "net.ipv6.conf.\(name).disable_ipv6"
      throw ProvisioningError("\(key) switches IPv6 off, for a virtual address of IPv6: 'sysctl -w \(key)=0'")
    }
  }
}
