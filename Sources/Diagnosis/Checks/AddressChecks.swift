// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// Whose addresses are where, and who is told.
enum AddressChecks {
  static let all = [
    Check(.endpoint, after: [.interface, .ipv6], endpoint),
    Check(.virtualAddress, after: [.loopback, .ipv6, .decapsulator, .tunnelKind], held),
    Check(.duplicateAddress, after: [.ipv6, .virtualAddress], duplicate),
    Check(.exposedAddress, after: [.duplicateAddress], exposed),
    Check(.arp, after: [.interface, .exposedAddress], arp),
  ]

  private static func endpoint(_ host: Case) -> Observation {
    let endpoints = host.expectation.endpoints
    guard !endpoints.isEmpty else { return .skipped("packets come without a tunnel") }
    let missing = endpoints.filter { host.picture.holders(of: $0).isEmpty }
    guard let first = missing.first else { return .ok("tunnels end at \(list(endpoints))") }
    let prefix = IPPrefix(address: first, length: length(beside: first, host)) ?? IPPrefix(host: first)
    return .failed(
      "\(list(missing)) is no address of this host", why: "directors send there, and no neighbour answers for it",
      mend: .shell("ip address add \(prefix) dev \(host.expectation.interface)"))
  }

  /// That of another address of the same network.
  private static func length(beside address: IPAddress, _ host: Case) -> Int {
    let index = host.picture.link(host.expectation.interface)?.index
    let neighbours = host.picture.addresses.filter { $0.interface == index && $0.prefix.covers(address) }
    return neighbours.map(\.prefix.length).max() ?? address.version.addressWidth
  }

  private static func held(_ host: Case) -> Observation {
    let missing = host.expectation.virtualAddresses.filter { !host.isHeld($0) }
    guard !missing.isEmpty else {
      return .ok("the host holds \(list(host.expectation.virtualAddresses.map(\.brief)))")
    }
    return .failed(
      "no link holds \(list(missing.map(\.brief)))",
      why: "the kernel does not take packets for an address that it does not have", mend: .restoring)
  }

  private static func duplicate(_ host: Case) -> Observation {
    guard host.expectation.innerVersions.contains(.v6) else { return .skipped("no virtual address is one of IPv6") }
    for prefix in host.expectation.virtualAddresses {
      for holder in host.picture.holders(of: prefix.address) where holder.isInDoubt {
        let link = host.picture.name(holder.interface) ?? "?"
        let isDuplicate = holder.flags.contains(.duplicate)
        return .failed(
          "\(holder.address) on \(link) is "
            + (isDuplicate ? "switched off: somebody else has it too" : "still looking for somebody else who has it"),
          why: "other real servers do have it, and until the kernel is sure of an address it takes no packet for it",
          mend: .restoring(after: "ip -6 address delete \(holder.prefix) dev \(link)"))
      }
    }
    return .ok("no virtual address waits for others who have it")
  }

  /// On an interface with neighbours, these are told of an address, whatever the settings.
  private static func exposed(_ host: Case) -> Observation {
    for prefix in host.expectation.virtualAddresses {
      for address in host.picture.addresses where prefix.covers(address.address) {
        guard let link = host.picture.links.first(where: { $0.index == address.interface }), link.hasNeighbours else {
          continue
        }
        let version = address.address.version
        return .failed(
          "\(address.address) is on \(link.name)",
          why: "neighbours there are told that it is here, and send this host what is the director's",
          mend: .restoring(
            after: "ip \(version.option)address delete \(address.prefix) dev \(link.name)"))
      }
    }
    return .ok("no virtual address is where neighbours are told of it")
  }

  private static func arp(_ host: Case) -> Observation {
    guard host.expectation.innerVersions.contains(.v4) else { return .skipped("no virtual address is one of IPv4") }
    for interface in host.expectation.interfaces {
      for (name, least) in [("arp_ignore", 1), ("arp_announce", 2)] {
        guard let found = host.picture.effective(name, on: interface), found < least else { continue }
        return .failed(
          "\(name) of \(interface) is \(found), and has to be \(least)",
          why: name == "arp_ignore"
            ? "the kernel tells neighbours that the virtual address is here, and they send it what is the director's"
            : "the kernel asks neighbours in the name of the virtual address, and they remember it to be here",
          mend: .shell("sysctl -w \(sysctlKey("net/ipv4/conf/\(interface)/\(name)"))=\(least)"))
      }
    }
    return .ok("no interface answers ARP for virtual addresses")
  }
}

extension Case {
  /// Whether the host takes packets for all addresses of `prefix`.
  func isHeld(_ prefix: IPPrefix) -> Bool {
    !picture.holders(of: prefix.address).isEmpty
      || picture.routes.contains { $0.table == .local && $0.type == .local && $0.destination.covers(prefix) }
  }
}

extension InterfaceAddress {
  /// Whether the kernel does not take packets for it yet, or any more.
  fileprivate var isInDoubt: Bool {
    address.version == .v6 && !flags.isDisjoint(with: [.tentative, .duplicate])
  }
}

extension Link {
  /// Whether it asks and tells neighbours of addresses.
  fileprivate var hasNeighbours: Bool { flags.isDisjoint(with: [.noARP, .loopback]) && macAddress != nil }
}

/// What sysctl(8) calls a setting: with slashes where a link's name has dots.
func sysctlKey(_ path: String) -> String {
  path.contains(".") ? path : path.split(separator: "/").joined(separator: ".")
}
