// SPDX-License-Identifier: MIT
import Linux
import Netlink
import Wire

extension RealServerArrangement {
  /// Decides what `request` leaves open, by what this host is like.
  init(_ request: RealServerRequest, _ decapsulation: Decapsulation, on netlink: NetlinkConnection) throws {
    self.request = request
    self.decapsulation = decapsulation
    let interface = try netlink.requireLink(request.interface)
    let own = try netlink.addresses(on: interface.index)
    if let exposed = own.map(\.address).first(where: { own in request.virtualAddresses.contains { $0.contains(own) } })
    {
      throw ProvisioningError(
        """
        \(exposed) is on \(interface.name), where neighbours are told about it, so that it would take the director's \
        packets: remove it there, Culvert adds it where it is silent
        """)
    }
    endpoints = decapsulation == .unneeded ? [] : try Self.endpoints(request, of: interface, own)
    loosensReversePathFilter = try Self.isStrict(interface, netlink)
    try Self.requireLoopback(netlink)
    guard request.virtualAddresses.contains(where: { $0.address.version == .v6 }) else { return }
    // New devices begin with the setting of `default`, and drop what comes in by IPv6 where that is off.
    try Self.requireIPv6([decapsulation == .kernel ? "default" : interface.name, Self.addressLink])
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
