// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// Services by addresses, prefixes, ports and ranges, against a search through all of them.
@Suite struct MatchingTests {
  private static let prefixes: [IPPrefix] =
    [
      ("203.0.113.80", 32), ("203.0.113.81", 32), ("203.0.113.64", 28), ("203.0.113.0", 24),
    ].compactMap { IPPrefix(address: .v4($0.0), length: $0.1) }
    + [
      ("2001:db8:f::80", 128), ("2001:db8:f::", 64), ("2001:db8:f::", 48),
    ].compactMap { IPPrefix(address: .v6($0.0), length: $0.1) }

  /// Any two of them are apart, or one lies in the other.
  private static let ranges: [ClosedRange<UInt16>] = [
    0...65_535, 1000...1999, 1000...1099, 1050...1050, 1900...1999, 80...80, 443...443, 65_000...65_535,
  ]
  private static let ports: [UInt16] = [0, 1, 79, 80, 81, 443, 999, 1000, 1050, 1099, 1100, 1900, 1999, 2000, 65_535]
  private static let protocols: [TransportProtocol] = [.tcp, .udp, .sctp, .esp]

  private var random: SplitMix64

  init() {
    let seed = SplitMix64.freshSeed()
    print("MatchingTests: CULVERT_SEED=\(seed)")
    random = SplitMix64(seed: seed)
  }

  /// Services whose index tells them apart, each of a server of its own.
  private mutating func services() -> [TestService] {
    var services: [TestService] = []
    for prefix in Self.prefixes where random.below(4) > 0 {
      for transport in Self.protocols where random.below(2) > 0 {
        for ports in transport.hasPorts ? Self.ranges : [0...0] where random.below(2) > 0 {
          let index = UInt32(services.count + 1)
          let entry = ServiceEntry(index: index, hashSeed: index, tracking: .none)
          services.append(TestService(prefix, ports, transport, entry, group: Int(index)))
        }
      }
    }
    return services.shuffled(using: &random)
  }

  private mutating func environment(_ services: [TestService]) -> (TestEnvironment, UnconfiguredPortPolicy) {
    let environment = TestEnvironment()
    let policy = UnconfiguredPortPolicy.allCases[random.below(3)]
    let policies = Dictionary(
      services.map { ($0.address, TestPolicy(unconfiguredPorts: policy)) }, uniquingKeysWith: { first, _ in first })
    environment.install(services, policies: policies)
    for service in services {
      let index = DestinationIndex(rawValue: service.entry.index)
      environment.commonSlots[service.entry.index] = Cell(.settled(owner: index))
      environment.destinations[index] = Cell(
        Scene.destination(OuterHeader(.ipip), path: Scene.path(), service: service.entry.index))
    }
    return (environment, policy)
  }

  private mutating func flow() -> FlowTuple {
    let transport = Self.protocols[random.below(4)]
    let isIPv6 = random.below(2) == 0
    let near: [IPAddress] =
      isIPv6
      ? [.v6("2001:db8:f::80"), .v6("2001:db8:f::81"), .v6("2001:db8:f:1::1"), .v6("2001:db8:e::1")]
      : [.v4("203.0.113.80"), .v4("203.0.113.81"), .v4("203.0.113.79"), .v4("203.0.113.1"), .v4("203.0.112.80")]
    let address = near[random.below(near.count)]
    return FlowTuple(
      client: Scene.client(address.version).mapped, clientPort: transport.hasPorts ? 40_000 : 0,
      address: address.mapped, port: transport.hasPorts ? Self.ports[random.below(Self.ports.count)] : 0,
      transportProtocol: transport)
  }

  private func frame(_ flow: FlowTuple) -> [UInt8] {
    let header = PacketBuilder().ethernet().ip(
      from: IPAddress(mapped: flow.client), to: IPAddress(mapped: flow.address))
    switch flow.transportProtocol {
    case .tcp: return header.tcp(from: flow.clientPort, to: flow.port).bytes
    case .udp: return header.udp(from: flow.clientPort, to: flow.port).bytes
    case .sctp: return header.sctp(from: flow.clientPort, to: flow.port).bytes
    default: return header.esp(spi: 1).bytes
    }
  }

  private static func contains(_ prefix: PrefixKey, _ address: IPv6Address) -> Bool {
    address.masked(to: prefix.length) == prefix.address
  }

  /// What is to become of a flow's packet: who gets it, or the verdict.
  private static func oracle(
    _ flow: FlowTuple, _ services: [TestService], _ policy: UnconfiguredPortPolicy
  ) -> (UInt32?, Verdict) {
    let near = services.filter { contains($0.address, flow.address) }
    guard let length = near.map(\.address.length).max() else { return (nil, .noService) }
    let service = near.filter { $0.address.length == length && $0.transportProtocol == flow.transportProtocol }
      .filter { $0.ports.contains(flow.port) }.min { $0.ports.count < $1.ports.count }
    if let service { return (service.entry.index, .sent) }
    switch (policy, flow.transportProtocol) {
    case (.pass, _): return (nil, .unconfiguredPort)
    case (.reset, .tcp): return (nil, .portReset)
    case (.reset, .udp): return (nil, .portUnreachable)
    default: return (nil, .closedPort)
    }
  }

  @Test mutating func `The longest prefix and then the smallest range decide`() {
    for _ in 0..<60 {
      let services = services()
      let (environment, policy) = environment(services)
      for _ in 0..<100 {
        let flow = flow()
        let (service, verdict) = Self.oracle(flow, services, policy)
        let before = environment.traffic
        #expect(decide(frame(flow), in: environment).verdict == verdict, "\(flow)")
        #expect(environment.touches.total <= 18)
        let reached = environment.traffic.first { before[$0.key] != $0.value }?.key.rawValue
        #expect(reached == service, "\(flow)")
      }
    }
  }

  @Test mutating func `Nobody may send from an address of a service's or of the host's own`() {
    for _ in 0..<60 {
      let services = services()
      let (environment, policy) = environment(services)
      let own: [IPAddress] = (0..<20).map { _ in
        random.below(2) == 0
          ? .v4(IPv4Address(bits: UInt32(truncatingIfNeeded: random.next())))
          : .v6(IPv6Address(high: random.next(), low: random.next()))
      }
      let policies = Dictionary(
        services.map { ($0.address, TestPolicy(unconfiguredPorts: policy)) }, uniquingKeysWith: { first, _ in first })
      environment.install(services, policies: policies, own: own)
      let virtual = services.map { IPAddress(mapped: $0.address.address) }
      for source in own + virtual {
        guard let service = services.first(where: { $0.prefix.address.version == source.version }) else { continue }
        let flow = FlowTuple(
          client: source.mapped, clientPort: 1, address: service.prefix.address.mapped, port: 80,
          transportProtocol: .tcp)
        #expect(decide(frame(flow), in: environment).verdict == .spoofedSource, "\(source)")
      }
    }
  }

  @Test mutating func `The filter of sources knows every address that it was made of, and few others`() {
    let known = (0..<100).map { _ in
      PrefixKey(
        random.below(2) == 0
          ? IPv6Address(mapping: IPv4Address(bits: 0xCB00_7100 | UInt32(random.below(256))))
          : IPv6Address(high: 0x2001_0DB8_0000_0000, low: random.next()), length: 128)
    }
    let environment = TestEnvironment()
    environment.filter = SourceFilter(known)
    let set = environment.filter.words.reduce(0) { $0 + $1.nonzeroBitCount }
    #expect(set > 60 && set <= 100)
    #expect(SourceFilter([PrefixKey("2001:db8::", length: 64)]).words.allSatisfy { $0 == .max })
  }
}
