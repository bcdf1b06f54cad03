// SPDX-License-Identifier: MIT
public import DataPlane
import Wire

/// What the data plane finds services by.
public struct MatchingTables: Hashable, Sendable {
  public var services: [ServiceKey: ServiceEntry] = [:]
  public var virtualAddresses: [PrefixKey: VirtualAddressEntry] = [:]
  public var portTables: [PortTableKey: PortTable] = [:]
  public var settings: Settings
  public var sourceFilter = SourceFilter([])

  /// Tables without services.
  public init(settings: Settings = Settings(prefixLengths: [], flowLimit: 0, replyLimit: 0)) {
    self.settings = settings
  }

  /// Every service, by what it is for.
  public var entries: [ServiceMatch: ServiceEntry] {
    var entries: [ServiceMatch: ServiceEntry] = [:]
    for (key, entry) in services {
      let match = ServiceMatch(
        address: IPAddress(mapped: key.address), port: key.port,
        transportProtocol: TransportProtocol(rawValue: key.transportProtocol))
      entries[match] = entry
    }
    let prefixes = Dictionary(
      virtualAddresses.map { ($0.value.number, $0.key) }, uniquingKeysWith: { first, _ in first })
    for (key, table) in portTables {
      guard let address = prefixes[key.number], let prefix = IPPrefix(address) else { continue }
      for range in table.used {
        let match = ServiceMatch(
          prefix: prefix, ports: range.first...range.last,
          transportProtocol: TransportProtocol(rawValue: key.transportProtocol))
        entries[match] = range.service
      }
    }
    return entries
  }

  /// The same with other entries: of the services that have one in `changed`, by their index.
  func replacing(_ changed: [UInt32: ServiceEntry]) -> MatchingTables {
    var tables = self
    tables.services = services.mapValues { changed[$0.index] ?? $0 }
    tables.portTables = portTables.mapValues { $0.mapped { changed[$0.index] ?? $0 } }
    return tables
  }

  /// The writes that lead to `next`: what is found by something comes before that, and goes after it.
  ///
  /// A packet whose service changes finds the new one before it loses the old one. Services of one address and port are
  /// found by themselves, before all others: they come first, and go after their address. And what is found by a longer
  /// prefix comes before tables of shorter ones change, and goes after.
  func writes(to next: MatchingTables) -> [TableWrite] {
    let known = Set(portTables.keys)
    let tables = changed(portTables, next.portTables)
    let both = settings(with: next.settings)
    var writes: [TableWrite] = []
    writes += changed(services, next.services).map { .service($0, $1) }
    writes += tables.filter { !known.contains($0.0) }.map { .portTable($0, $1) }
    writes += changed(virtualAddresses, next.virtualAddresses).map { .virtualAddress($0, $1) }
    if settings != both { writes.append(.settings(both)) }
    if sourceFilter != next.sourceFilter { writes.append(.sourceFilter(next.sourceFilter)) }
    writes += tables.filter { known.contains($0.0) }.map { .portTable($0, $1) }
    writes += removed(virtualAddresses, next.virtualAddresses).map { .virtualAddress($0, nil) }
    if both != next.settings { writes.append(.settings(next.settings)) }
    writes += removed(services, next.services).map { .service($0, nil) }
    writes += removed(portTables, next.portTables).map { .portTable($0, nil) }
    return writes
  }

  /// `next`, by which prefixes of the lengths in use now are found as well, where there is room for all.
  private func settings(with next: Settings) -> Settings {
    let lengths = Set(settings.prefixLengths).union(next.prefixLengths).sorted(by: >)
    guard lengths.count <= Settings.prefixLengthLimit else { return next }
    return Settings(
      prefixLengths: lengths, flowLimit: next.flowLimit, replyLimit: next.replyLimit, fragmenter: next.fragmenter)
  }
}

/// In one order, so that equal changes give equal updates.
private func changed<Key: TableOrder, Value: Equatable>(
  _ old: [Key: Value], _ new: [Key: Value]
) -> [(Key, Value)] {
  new.filter { old[$0.key] != $0.value }.sorted { $0.key.order < $1.key.order }.map { ($0.key, $0.value) }
}

private func removed<Key: TableOrder, Value>(_ old: [Key: Value], _ new: [Key: Value]) -> [Key] {
  old.keys.filter { new[$0] == nil }.sorted { $0.order < $1.order }
}

/// A key that can be sorted.
private protocol TableOrder: Hashable {
  /// Unlike for unlike keys.
  var order: (UInt64, UInt64, UInt32) { get }
}

extension ServiceKey: TableOrder {
  fileprivate var order: (UInt64, UInt64, UInt32) {
    (addressHigh, addressLow, UInt32(port) << 8 | UInt32(transportProtocol))
  }
}

extension PrefixKey: TableOrder {
  fileprivate var order: (UInt64, UInt64, UInt32) { (high, low, UInt32(length)) }
}

extension PortTableKey: TableOrder {
  fileprivate var order: (UInt64, UInt64, UInt32) { (UInt64(number), UInt64(transportProtocol), 0) }
}

extension PortTable {
  /// The ranges that are of a service.
  var used: [PortRange] {
    (0..<Self.limit).map { ranges[$0] }.filter { $0.service.index != 0 }
  }

  func mapped(_ change: (ServiceEntry) -> ServiceEntry) -> PortTable {
    func changed(_ range: PortRange) -> PortRange {
      PortRange(first: range.first, last: range.last, service: change(range.service))
    }
    return PortTable(portless: changed(portless), ranges: used.map(changed))
  }
}
