// SPDX-License-Identifier: MIT
import Linux
import Netlink
import Wire

/// A request with everything decided that it leaves open: the changes follow from it.
struct RealServerArrangement: Hashable, Sendable, Codable {
  var request: RealServerRequest
  var decapsulation: Decapsulation
  /// The outer destinations.
  var endpoints: [IPAddress]
  /// Where clients' packets, as the decapsulator hands them on, could fail the reverse path filter of the interface.
  var loosensReversePathFilter: Bool

  /// Where the virtual addresses are put if the decapsulator is Culvert's.
  static let addressLink = "lo"

  /// The changes, in an order in which no neighbour ever hears of a virtual address and a missing driver is noticed first.
  var changes: [Change] {
    switch decapsulation {
    case .kernel: tunnels + tunnels.flatMap(filter) + silence + tunnels.flatMap(addresses)
    case .bpf: silence + looseFilter + hostAddresses + [attachment]
    }
  }

  /// A device for each director and endpoint: one that takes from anywhere would be an open decapsulator
  /// (CVE-2020-10136).
  private var tunnels: [Change] {
    endpoints.flatMap { local in request.directors.map { (local, $0) } }.enumerated().map { number, ends in
      .tunnel(
        TunnelLink(
          name: "culvert\(number)", tunnelProtocol: request.encapsulation, local: ends.0, remote: ends.1))
    }
  }

  /// Clients come in by the tunnel and are reached by another interface: that is what loose mode is for. It lets packets
  /// pass only where the device has an address.
  private func filter(_ tunnel: Change) -> [Change] {
    guard case .tunnel(let link) = tunnel else { return [] }
    return [.setting(InterfaceSetting(interface: link.name, name: "rp_filter", value: 2))]
  }

  /// Answers no neighbour's question about addresses of other interfaces, and asks none in their name.
  private var silence: [Change] {
    [("arp_ignore", 1), ("arp_announce", 2)].map { name, value in
      .setting(InterfaceSetting(interface: request.interface, name: name, value: value))
    }
  }

  private var looseFilter: [Change] {
    guard loosensReversePathFilter else { return [] }
    return [.setting(InterfaceSetting(interface: request.interface, name: "rp_filter", value: 2))]
  }

  private func addresses(_ tunnel: Change) -> [Change] {
    guard case .tunnel(let link) = tunnel else { return [] }
    return addresses(on: link.name)
  }

  private var hostAddresses: [Change] { addresses(on: Self.addressLink) }

  private func addresses(on link: String) -> [Change] {
    request.virtualAddresses.map { .address(LinkAddress(prefix: IPPrefix(host: $0), link: link, scope: .host)) }
  }

  private var attachment: Change { .decapsulator(attachedDecapsulator) }

  var attachedDecapsulator: AttachedDecapsulator {
    AttachedDecapsulator(
      interface: request.interface, bpffs: request.bpffs, endpoints: endpoints, directors: request.directors,
      virtualAddresses: request.virtualAddresses)
  }
}

extension RealServerArrangement {
  /// Decides what `request` leaves open, by what this host is like.
  init(_ request: RealServerRequest, _ decapsulation: Decapsulation, on netlink: NetlinkConnection) throws {
    self.request = request
    self.decapsulation = decapsulation
    let interface = try netlink.requireLink(request.interface)
    let own = try netlink.addresses(.v4, on: interface.index).map(\.address)
    if let exposed = request.virtualAddresses.first(where: own.contains) {
      throw ProvisioningError(
        """
        \(exposed) is on \(interface.name), where neighbours are told about it, so that it would take the director's \
        packets: remove it there, Culvert adds it where it is silent
        """)
    }
    endpoints = request.endpoints.isEmpty ? own : request.endpoints
    guard !endpoints.isEmpty else {
      throw ProvisioningError(
        "\(interface.name) has no IPv4 address that tunnels could end at: add one, or give --local")
    }
    loosensReversePathFilter = try Self.isStrict(interface, netlink)
    try Self.requireLoopback(netlink)
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
}
