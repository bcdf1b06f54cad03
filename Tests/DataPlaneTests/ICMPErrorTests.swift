// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// ICMP errors about what services have sent. The flow's slot is `gre`'s, all others are `ipip`'s.
@Suite struct ICMPErrorTests {
  struct Kind: CustomTestStringConvertible, Sendable {
    let version: IPVersion
    let type: UInt8

    var testDescription: String { "IPv\(version.rawValue), type \(type)" }
  }

  static let kinds =
    [3, 4, 11, 12].map { Kind(version: .v4, type: $0) } + [1, 2, 3, 4, 100, 127].map { Kind(version: .v6, type: $0) }

  private static func service(_ version: IPVersion, _ transport: TransportProtocol) -> UInt32 {
    switch version {
    case .v4: transport == .tcp ? Scene.web : Scene.names
    case .v6: transport == .tcp ? Scene.web6 : Scene.names6
    }
  }

  private func environment(_ environment: TestEnvironment, _ slot: (DestinationIndex) -> Slot) -> TestEnvironment {
    for version in [IPVersion.v4, .v6] {
      for transport in [TransportProtocol.tcp, .udp] {
        let service = Self.service(version, transport)
        let number = FlowHash.slot(FlowHash.of(Scene.flow(version, transport), seed: Scene.seed(service)))
        environment.slots[SlotAddress(service: service, number: number)] = Cell(slot(Scene.gre))
      }
    }
    return environment
  }

  /// The packet of a service that the error is about.
  private static func answer(
    _ version: IPVersion, _ transport: TransportProtocol = .tcp, from source: IPAddress? = nil
  ) -> [UInt8] {
    let header = PacketBuilder().ip(from: source ?? Scene.virtualAddress(version), to: Scene.client(version))
    return transport == .tcp
      ? header.tcp(from: 80, to: 40_000).bytes : header.udp(from: 53, to: 40_000, payload: [1, 2, 3]).bytes
  }

  /// An error of a router's on the way.
  private static func error(_ kind: Kind, about packet: [UInt8]) -> [UInt8] {
    let router: IPAddress = kind.version == .v4 ? .v4("192.0.2.99") : .v6("2001:db8:9::99")
    let header = Scene.packet(kind.version, from: router)
    return kind.version == .v4
      ? header.icmp(type: kind.type, payload: packet).bytes : header.icmpv6(type: kind.type, payload: packet).bytes
  }

  /// The least that is quoted: the IP header and eight bytes.
  private static func shortest(_ version: IPVersion) -> Int { version == .v4 ? 28 : 48 }

  @Test(arguments: kinds, [TransportProtocol.tcp, .udp])
  func `An error goes where the flow goes, also with eight bytes quoted`(kind: Kind, transport: TransportProtocol) {
    let environment = environment(Scene.environment(), Slot.settled)
    let packet = Self.answer(kind.version, transport)
    for count in [Self.shortest(kind.version), packet.count] {
      #expect(environment.sends(Self.error(kind, about: Array(packet.prefix(count)))) == Scene.gre)
    }
    #expect(environment.flowTable.all.isEmpty)
    #expect(environment.traffic[Scene.gre]?.flows == 0)
  }

  @Test(arguments: [IPVersion.v4, .v6])
  func `In an unsettled slot an error follows the flow, remembered or not`(version: IPVersion) {
    let environment = Scene.unsettled()
    let error = Self.error(Kind(version: version, type: 3), about: Self.answer(version))
    #expect(environment.sends(error) == Scene.gre)
    #expect(environment.flowTable.all.isEmpty)
    let service = Self.service(version, .tcp)
    environment.flowTable.insert(
      FlowHash.of(Scene.flow(version), seed: Scene.seed(service)), Scene.ipip, lastSeen: environment.now)
    #expect(environment.sends(error) == Scene.ipip)
  }

  @Test(arguments: [IPVersion.v4, .v6])
  func `An error about a packet of a range's service goes there too`(version: IPVersion) {
    let environment = environment(Scene.environment(), Slot.settled)
    let service = Self.service(version, .tcp)
    let entry = ServiceEntry(index: service, hashSeed: Scene.seed(service), tracking: .none)
    environment.install([TestService(Scene.virtualAddress(version), 1...1000, .tcp, entry)])
    #expect(environment.sends(Self.error(Kind(version: version, type: 3), about: Self.answer(version))) == Scene.gre)
  }

  private static func nonsense(_ version: IPVersion) -> [(String, [UInt8])] {
    let whole = answer(version)
    let stranger: IPAddress = version == .v4 ? .v4("203.0.113.99") : .v6("2001:db8:f::99")
    let header = version == .v4 ? 20 : 40
    let later =
      version == .v4
      ? whole.replacing(7, with: 1)
      : PacketBuilder().ip(from: Scene.virtualAddress(.v6), to: Scene.client(.v6))
        .ipv6Fragment(identification: 1, offset: 8, more: false, nextHeader: 6).raw([0, 80, 1, 2, 3, 4, 5, 6]).bytes
    return [
      ("nothing", []), ("half a header", Array(whole.prefix(header - 1))),
      ("half of the ports", Array(whole.prefix(header + 3))), ("another version", whole.replacing(0, with: 0x15)),
      ("a stranger's packet", answer(version, from: stranger)), ("a later fragment", later),
    ]
  }

  @Test(arguments: kinds)
  func `An error that quotes nothing of a service's passes`(kind: Kind) {
    for (name, quote) in Self.nonsense(kind.version) {
      let environment = environment(Scene.environment(), Slot.settled)
      let frame = Self.error(kind, about: quote)
      #expect(decide(frame, in: environment) == Decision(.unbalancedICMP), "\(name)")
      #expect(environment.frame == frame)
    }
  }

  @Test(arguments: [IPVersion.v4, .v6])
  func `An error about a port that no service has passes, whatever becomes of packets there`(version: IPVersion) {
    let environment = Scene.environment()
    for entry in environment.virtualAddresses.values {
      entry.value = VirtualAddressEntry(number: entry.value.number, unconfiguredPorts: .reset, answersEcho: true)
    }
    let packet = PacketBuilder().ip(from: Scene.virtualAddress(version), to: Scene.client(version))
      .tcp(from: 81, to: 40_000).bytes
    #expect(
      decide(Self.error(Kind(version: version, type: 3), about: packet), in: environment).verdict == .unbalancedICMP)
  }
}
