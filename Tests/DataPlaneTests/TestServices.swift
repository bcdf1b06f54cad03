// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Wire

/// A service by what it is for, and who answers.
struct TestService: Equatable {
  let prefix: IPPrefix
  let ports: ClosedRange<UInt16>
  let transportProtocol: TransportProtocol
  var entry: ServiceEntry
  /// Who answers: equal for services of the same servers.
  var group = 0

  init(
    _ prefix: IPPrefix, _ ports: ClosedRange<UInt16>, _ transportProtocol: TransportProtocol, _ entry: ServiceEntry,
    group: Int = 0
  ) {
    self.prefix = prefix
    self.ports = ports
    self.transportProtocol = transportProtocol
    self.entry = entry
    self.group = group
  }

  init(
    _ address: IPAddress, _ ports: ClosedRange<UInt16>, _ transportProtocol: TransportProtocol, _ entry: ServiceEntry,
    group: Int = 0
  ) {
    self.init(IPPrefix(host: address), ports, transportProtocol, entry, group: group)
  }

  var address: PrefixKey { prefix.key }
}

extension IPPrefix {
  /// The prefix of the mapped address.
  var key: PrefixKey {
    PrefixKey(address.mapped, length: UInt8(length + 128 - address.version.addressWidth))
  }
}

/// What holds for a virtual address.
struct TestPolicy {
  var unconfiguredPorts = UnconfiguredPortPolicy.pass
  var answersEcho = true
}

extension TestEnvironment {
  /// Fills the tables that services are found by, from the list of them.
  func install(
    _ all: [TestService], policies: [PrefixKey: TestPolicy] = [:], own: [IPAddress] = [],
    flowLimit: UInt32 = 1_000, replyLimit: UInt32 = 1_000
  ) {
    services = [:]
    virtualAddresses = [:]
    portTables = [:]
    for address in own { virtualAddresses[IPPrefix(host: address).key] = Cell(.own) }
    for (address, services) in Dictionary(grouping: all, by: \.address) {
      install(services, at: address, policies[address] ?? TestPolicy(), number: UInt32(portTables.count + 1))
    }
    let lengths = Set(virtualAddresses.keys.map(\.length)).sorted(by: >)
    commonSettings = Cell(Settings(prefixLengths: lengths, flowLimit: flowLimit, replyLimit: replyLimit))
    filter = SourceFilter(virtualAddresses.keys)
  }

  private func install(_ all: [TestService], at address: PrefixKey, _ policy: TestPolicy, number: UInt32) {
    virtualAddresses[address] = Cell(
      VirtualAddressEntry(
        number: number, unconfiguredPorts: policy.unconfiguredPorts, answersEcho: policy.answersEcho))
    for (transport, group) in Dictionary(grouping: all, by: \.transportProtocol) {
      let exact = group.filter { address.length == 128 && $0.ports.count == 1 }
      for service in exact {
        services[
          ServiceKey(address: address.address, port: service.ports.lowerBound, transportProtocol: transport)] = Cell(
            service.entry)
      }
      let ranges = group.filter { !exact.contains($0) }.sorted { $0.ports.count < $1.ports.count }
        .map { PortRange(first: $0.ports.lowerBound, last: $0.ports.upperBound, service: $0.entry) }
      let isCommon = group.allSatisfy { $0.group == group[0].group }
      let portless = isCommon ? PortRange(first: 1, last: 0, service: group[0].entry) : .none
      portTables[PortTableKey(number: number, transportProtocol: transport)] = Cell(
        PortTable(portless: portless, ranges: ranges))
    }
  }
}
