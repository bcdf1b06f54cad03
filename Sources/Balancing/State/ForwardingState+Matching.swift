// SPDX-License-Identifier: MIT
import DataPlane
import Wire

/// A virtual address and a protocol: what one port table is for.
struct PortTableOwner: Hashable {
  let address: PrefixKey
  let transportProtocol: TransportProtocol
}

// What services are found by follows from the services.
extension ForwardingState {
  mutating func fillMatching() {
    numberAddresses()
    var tables = MatchingTables(settings: settings)
    for (match, service) in services {
      if let key = match.key { tables.services[key] = service.entry }
    }
    for (address, number) in addressNumbers {
      tables.virtualAddresses[address] = VirtualAddressEntry(
        number: number, unconfiguredPorts: policy(of: address).unconfiguredPorts, answersEcho: answersEcho(address))
    }
    for (owner, group) in Dictionary(grouping: services.keys, by: \.portTableOwner) {
      guard let number = addressNumbers[owner.address] else { continue }
      let key = PortTableKey(number: number, transportProtocol: owner.transportProtocol)
      tables.portTables[key] = portTable(group)
    }
    for address in host.addresses.map({ IPPrefix(host: $0).virtualAddress })
    where tables.virtualAddresses[address] == nil && tables.virtualAddresses.count < Capacity.virtualAddresses {
      tables.virtualAddresses[address] = .own
    }
    tables.sourceFilter = SourceFilter(tables.virtualAddresses.keys)
    matching = tables
  }

  /// Every virtual address keeps its number for as long as it has services.
  private mutating func numberAddresses() {
    let wanted = Set(services.keys.map(\.virtualAddress))
    for (address, number) in addressNumbers where !wanted.contains(address) {
      addressNumbers[address] = nil
      addressNumberPool.release(number)
    }
    for address in wanted where addressNumbers[address] == nil {
      addressNumbers[address] = addressNumberPool.take()
    }
  }

  private var settings: Settings {
    let lengths = Set(services.keys.map(\.virtualAddress.length)).union([128])
    return Settings(
      prefixLengths: lengths.sorted(by: >), flowLimit: limits.flows, replyLimit: limits.replies,
      fragmenter: host.fragmenter)
  }

  private func policy(of address: PrefixKey) -> VirtualAddressPolicy {
    policies[address] ?? IPPrefix(address).map { VirtualAddressPolicy(prefix: $0) }
      ?? VirtualAddressPolicy(prefix: IPPrefix(host: IPAddress(mapped: address.address)))
  }

  private func answersEcho(_ address: PrefixKey) -> Bool {
    switch policy(of: address).echo {
    case .never: false
    case .always: true
    case .whileServing:
      destinations.values.contains {
        $0.service.virtualAddress == address && $0.lifecycle == .serving && $0.row.isReachable
      }
    }
  }

  /// The table of one virtual address and protocol. Fragments without ports find their server where all services have
  /// the same servers.
  private func portTable(_ group: [ServiceMatch]) -> PortTable {
    let sorted = group.sorted {
      ($0.ports.count, $0.ports.lowerBound) < ($1.ports.count, $1.ports.lowerBound)
    }
    let entries = sorted.compactMap { match in services[match].map { (match, $0.entry) } }
    let ranges = entries.filter { $0.0.key == nil }.map { match, entry in
      PortRange(first: match.ports.lowerBound, last: match.ports.upperBound, service: entry)
    }
    let members = Set(sorted.map { services[$0]?.members })
    guard members.count == 1, let first = entries.first else { return PortTable(portless: .none, ranges: ranges) }
    return PortTable(portless: PortRange(first: 1, last: 0, service: first.1), ranges: ranges)
  }
}

extension ServiceMatch {
  var portTableOwner: PortTableOwner {
    PortTableOwner(address: virtualAddress, transportProtocol: transportProtocol)
  }
}

extension PrefixKey {
  func contains(_ address: IPv6Address) -> Bool { PrefixKey(address, length: length) == self }
}
