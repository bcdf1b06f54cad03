// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

@testable import Balancing

/// Services of prefixes and ranges through changes of the configuration, write by write.
@Suite struct `Services that come and go` {
  private static let prefixes: [IPPrefix] =
    [
      (0xCB00_7150, 32), (0xCB00_7151, 32), (0xCB00_7140, 28), (0xCB00_7100, 24),
    ].compactMap { IPPrefix(address: .v4(IPv4Address(bits: $0.0)), length: $0.1) }
    + [
      (1, 128), (0, 64), (0, 48),
    ].compactMap { IPPrefix(address: .v6(IPv6Address(high: 0x2001_0DB8_000F_0000, low: $0.0)), length: $0.1) }
  private static let ranges: [ClosedRange<UInt16>] = [0...65_535, 1000...1999, 1050...1050, 80...80]
  private static let seeds = (0..<4).map { _ in SplitMix64.freshSeed() }

  private func configuration(_ random: inout SplitMix64) -> BalancingConfiguration {
    var services: [Service] = []
    for prefix in Self.prefixes where random.below(4) > 0 {
      for transport in [TransportProtocol.tcp, .udp] where random.below(3) > 0 {
        for ports in Self.ranges where random.below(2) > 0 {
          let members = (1...3).filter { _ in random.below(2) > 0 } + [4]
          services.append(
            Service(
              name: "\(prefix) \(ports)",
              match: ServiceMatch(prefix: prefix, ports: ports, transportProtocol: transport),
              tracking: [Tracking.none, .always][random.below(2)], idleTimeout: ticks(4), drainTimeout: ticks(20),
              members: members.map { Member(server: server($0)) }))
        }
      }
    }
    return BalancingConfiguration(services: services)
  }

  private func flow(_ random: inout SplitMix64) -> FlowTuple {
    let prefix = Self.prefixes[random.below(Self.prefixes.count)]
    let first = prefix.address.mapped
    let address = IPv6Address(high: first.high, low: first.low + UInt64(random.below(3)))
    let client: IPAddress =
      prefix.address.version == .v4
      ? .v4(IPv4Address(bits: 0xC633_6407)) : .v6(IPv6Address(high: 0x2001_0DB8_000C_0000, low: 7))
    return FlowTuple(
      client: client.mapped, clientPort: UInt16(1024 + random.below(1000)), address: address,
      port: [80, 81, 1050, 1051, 1999][random.below(5)], transportProtocol: random.below(2) == 0 ? .tcp : .udp)
  }

  private func frame(_ flow: FlowTuple) -> [UInt8] {
    let builder = PacketBuilder().ethernet()
    let header =
      switch (IPAddress(mapped: flow.client), IPAddress(mapped: flow.address)) {
      case (.v4(let source), .v4(let destination)): builder.ipv4(from: source, to: destination)
      default: builder.ipv6(from: flow.client, to: flow.address)
      }
    return flow.transportProtocol == .tcp
      ? header.tcp(from: flow.clientPort, to: flow.port).bytes : header.udp(from: flow.clientPort, to: flow.port).bytes
  }

  /// The service that a packet reached, or the verdict on it.
  private func reached(_ flow: FlowTuple, _ tables: TestTables) -> (service: UInt32?, refusal: Verdict?) {
    let index = tables.forward(frame(flow))
    return (index.flatMap { tables.destinations[$0]?.pointer.pointee.serviceIndex }, tables.refusal?.verdict)
  }

  @Test(arguments: seeds)
  func `are found by the data plane as by the control plane, after each single write`(seed: UInt64) throws {
    print("Services that come and go: CULVERT_SEED=\(seed)")
    var random = SplitMix64(seed: seed)
    let tables = TestTables(slotsPerService: 31)
    var state = ForwardingState(slotsPerService: 31)
    for _ in 0..<8 {
      var next = state
      let update = try next.apply(configuration(&random), paths: paths, now: tables.now)
      tables.commit(update) {
        for _ in 0..<10 {
          let flow = flow(&random)
          let services = [state, next].map { state in state.service(of: flow).flatMap { state.serviceIndex(of: $0) } }
          let (service, refusal) = reached(flow, tables)
          // A packet whose service changes may meet a third one meanwhile, which is still there; no other packet does.
          if services[0] == services[1], let same = services[0] {
            #expect(service == same, "seed \(seed): \(flow) reached \(service ?? 0), not \(same)")
          }
          #expect(service != nil || services.contains(nil), "seed \(seed): \(flow)")
          #expect(service != nil || [.noService, .unconfiguredPort].contains(refusal), "seed \(seed): \(flow)")
        }
      }
      state = next
      tables.now = tables.now.advanced(by: 1)
      for _ in 0..<200 {
        let flow = flow(&random)
        let expected = state.service(of: flow).flatMap { state.serviceIndex(of: $0) }
        #expect(reached(flow, tables).service == expected, "seed \(seed): \(flow)")
      }
      try expectRestored(state, tables, seed)
    }
  }

  /// A control plane that restarts knows every service again, by the same index and address number.
  private func expectRestored(_ state: ForwardingState, _ tables: TestTables, _ seed: UInt64) throws {
    let restored = ForwardingState(restoring: tables.contents, slotsPerService: 31)
    #expect(restored.matching == state.matching, "seed \(seed)")
    #expect(restored.matching.entries == state.services.mapValues(\.entry), "seed \(seed)")
    #expect(restored.addressNumbers == state.addressNumbers, "seed \(seed)")
  }
}
