// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Wire

/// The services and destinations that the tests of the data plane share.
///
/// | service | key | destinations |
/// |---|---|---|
/// | 1 | 203.0.113.80:80 TCP, tracks transitions | 1 `ipip`, 2 `gre`, 3 `down`, 4 `unreachable` |
/// | 2 | 203.0.113.80:53 UDP, tracks nothing | the same |
/// | 3 | [2001:db8:f::80]:80 TCP, tracks transitions | the same |
/// | 4 | [2001:db8:f::80]:53 UDP, tracks nothing | the same |
enum Scene {
  static let client: IPv4Address = "198.51.100.7"
  static let virtualAddress: IPv4Address = "203.0.113.80"
  static let web: UInt32 = 1
  static let names: UInt32 = 2
  static let web6: UInt32 = 3
  static let names6: UInt32 = 4
  static let all: [UInt32] = [web, names, web6, names6]

  static let ipip = DestinationIndex(rawValue: 1)
  static let gre = DestinationIndex(rawValue: 2)
  static let down = DestinationIndex(rawValue: 3)
  static let unreachable = DestinationIndex(rawValue: 4)

  static let egressInterface: UInt32 = 7

  static func client(_ version: IPVersion) -> IPAddress { RealServerScene.client(version) }

  static func virtualAddress(_ version: IPVersion) -> IPAddress { RealServerScene.virtualAddress(version) }

  static func seed(_ service: UInt32) -> UInt32 { 0x1234_5678 &* service }

  static func path(mtu: UInt16 = 1500, vlan: UInt16 = 0, outer: IPVersion = .v4) -> Destination.Path {
    Destination.Path(
      source: IPPrefix(host: RealServerScene.director(outer)), nextHop: "02:00:00:00:00:0b",
      egress: "02:00:00:00:00:0a", interface: egressInterface, vlan: vlan, mtu: mtu)
  }

  static func destination(
    _ encapsulation: Encapsulation, mtu: UInt16 = 1500, vlan: UInt16 = 0, outer: IPVersion = .v4
  ) -> Destination {
    destination(OuterHeader(encapsulation), path: path(mtu: mtu, vlan: vlan, outer: outer), outer: outer)
  }

  static func destination(
    _ header: OuterHeader, path: Destination.Path?, outer: IPVersion = .v4, service: UInt32 = web
  ) -> Destination {
    Destination(serviceIndex: service, address: RealServerScene.endpoint(outer), outer: header, path: path)
  }

  /// All slots of all services are settled and belong to `owner`.
  static func environment(owner: DestinationIndex = ipip) -> TestEnvironment {
    let environment = TestEnvironment()
    environment.install(
      [IPVersion.v4, .v6].flatMap { version in
        let (web, names) = version == .v4 ? (web, names) : (web6, names6)
        let address = virtualAddress(version)
        return [
          TestService(address, 80...80, .tcp, ServiceEntry(index: web, hashSeed: seed(web), tracking: .transitions)),
          TestService(address, 53...53, .udp, ServiceEntry(index: names, hashSeed: seed(names), tracking: .none)),
        ]
      })
    for service in all { environment.commonSlots[service] = Cell(.settled(owner: owner)) }
    let none = OuterHeader(.ipip)
    environment.destinations = [
      ipip: Cell(destination(.ipip)), gre: Cell(destination(.gre)),
      down: Cell(Destination(down: 1, address: .v4("10.1.0.12"), outer: none)),
      unreachable: Cell(Destination(serviceIndex: 1, address: .v4("10.1.0.13"), outer: none, path: nil)),
    ]
    return environment
  }

  /// All slots of all services are unsettled since tick 900, and had belonged to `previous`.
  static func unsettled(owner: DestinationIndex = ipip, previous: DestinationIndex = gre) -> TestEnvironment {
    let environment = environment()
    let transition = Transition(previous: previous, since: Tick(rawValue: 900), lastOther: Tick(rawValue: 900))
    for service in all {
      environment.commonSlots[service] = Cell(.unsettled(owner: owner))
      environment.transitions[service] = Cell(transition)
    }
    return environment
  }

  /// The scene in which services refuse, and `owner` is none.
  static func refusingUnserved(owner: DestinationIndex = .nobody) -> TestEnvironment {
    refusingUnserved(environment(owner: owner))
  }

  static func refusingUnserved(_ environment: TestEnvironment, _ refusal: Refusal = .all) -> TestEnvironment {
    for service in environment.services.values { service.value = service.value.refusing(refusal) }
    return environment
  }

  static func tcp(
    _ flags: TCPHeader.Flags = .acknowledge, from port: UInt16 = 40_000, to servicePort: UInt16 = 80,
    fragment: UInt16 = 0, options: [UInt8] = [], payload: [UInt8] = []
  ) -> [UInt8] {
    PacketBuilder().ethernet()
      .ipv4(from: client, to: virtualAddress, fragment: fragment, options: options)
      .tcp(from: port, to: servicePort, flags: flags, payload: payload).bytes
  }

  /// A client's packet of either family, up to its IP header.
  static func packet(_ version: IPVersion = .v4, tags: [UInt16] = [], from client: IPAddress? = nil) -> PacketBuilder {
    tags.reduce(PacketBuilder().ethernet()) { $0.vlan(id: $1) }
      .ip(from: client ?? Self.client(version), to: virtualAddress(version))
  }

  static func udp(from port: UInt16 = 40_000, payload: [UInt8] = []) -> [UInt8] {
    PacketBuilder().ethernet().ipv4(from: client, to: virtualAddress).udp(from: port, to: 53, payload: payload).bytes
  }

  /// The scene's flow of TCP to port 80 or of UDP to port 53.
  static func flow(
    _ version: IPVersion = .v4, _ transport: TransportProtocol = .tcp, from port: UInt16 = 40_000
  ) -> FlowTuple {
    FlowTuple(
      client: client(version).mapped, clientPort: port, address: virtualAddress(version).mapped,
      port: transport == .tcp ? 80 : 53, transportProtocol: transport)
  }

  /// By what a flow to the web service is remembered.
  static func hash(from port: UInt16 = 40_000) -> UInt64 { FlowHash.of(flow(from: port), seed: seed(web)) }
}

/// Forwards one frame.
func decide(_ frame: [UInt8], in environment: TestEnvironment, headroom: Int = 64) -> Decision {
  var environment = environment
  environment.receive(frame, headroom: headroom)
  return forward(&environment)
}

extension TestEnvironment {
  /// Forwards a frame, and says whom it was sent to; nil if it was not.
  func sends(_ frame: [UInt8]) -> DestinationIndex? {
    let before = traffic
    guard decide(frame, in: self).verdict == .sent else { return nil }
    return traffic.first { before[$0.key] != $0.value }?.key
  }
}
