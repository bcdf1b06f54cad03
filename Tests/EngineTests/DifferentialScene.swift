// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import TestSupport
import Wire

/// Services and servers of every kind there is, and changes that unsettle slots.
enum DifferentialScene {
  /// What packets are made for: an address and port of each service.
  static let keys: [PacketGenerator.Service] = [
    (.v4("203.0.113.80"), 80, .tcp), (.v4("203.0.113.80"), 53, .udp), (.v4("203.0.113.81"), 443, .tcp),
    (.v4("203.0.113.82"), 0, .esp), (.v4("203.0.113.83"), 8042, .udp), (.v4("203.0.114.5"), 1234, .tcp),
    (.v6("2001:db8:80::80"), 80, .tcp), (.v6("2001:db8:80::80"), 53, .udp), (.v6("2001:db8:81::7"), 9, .sctp),
  ]

  /// The director's own address.
  static let ownAddress = IPAddress.v4("192.0.2.10")

  static let host = Host(
    addresses: [ownAddress], fragmenter: Fragmenter(interface: 9, address: MACAddress(bits: 0x0200_0000_0F00)))

  private static let policies = [
    VirtualAddressPolicy(prefix: IPPrefix(host: .v4("203.0.113.80")), unconfiguredPorts: .drop),
    VirtualAddressPolicy(prefix: IPPrefix(host: .v4("203.0.113.83")), unconfiguredPorts: .reset, echo: .whileServing),
    VirtualAddressPolicy(prefix: IPPrefix(host: .v4("203.0.113.81")), unconfiguredPorts: .reset, echo: .never),
    VirtualAddressPolicy(prefix: IPPrefix(host: .v6("2001:db8:80::80")), unconfiguredPorts: .reset),
  ]

  /// Server `number` has an address of either family: even ones IPv6, odd ones IPv4.
  private static func address(_ number: UInt32) -> IPAddress {
    number % 2 == 0
      ? .v6(IPv6Address(high: 0x2001_0DB8_0001_0000, low: UInt64(number)))
      : .v4(IPv4Address(bits: 0x0A01_0000 | number))
  }

  private static func server(
    _ number: UInt32, _ encapsulation: Encapsulation, _ state: AdministrativeState = .up
  ) -> RealServer {
    RealServer(
      name: "s\(number)", address: address(number),
      outer: OuterHeader(
        encapsulation, key: encapsulation == .greKey ? 0xC0FF_EE00 | number : 0, port: 6080 + UInt16(number),
        timeToLive: UInt8(30 + number), forbidsFragmentation: number % 3 != 0,
        computesUDPChecksum: number % 4 < 2),
      administrativeState: state)
  }

  private static func member(
    _ number: UInt32, _ encapsulation: Encapsulation, _ state: AdministrativeState = .up, weight: Int = 1
  ) -> Member {
    Member(server: server(number, encapsulation, state), weight: weight)
  }

  /// Server 6 cannot be reached; the ways to 7 and 8 are narrow, to 9 and 10 through another interface, the latter tagged;
  /// 11 and 12 are sent to from a range.
  static let paths: [IPAddress: Destination.Path] = {
    var paths: [IPAddress: Destination.Path] = [:]
    for number in UInt32(1)...12 where number != 6 {
      let address = address(number)
      let source: IPPrefix? =
        address.version == .v4
        ? IPPrefix(address: ownAddress, length: number == 11 ? 24 : 32)
        : IPPrefix(address: .v6("2001:db8::10"), length: number == 12 ? 112 : 128)
      guard let source else { continue }
      paths[address] = Destination.Path(
        source: source, nextHop: MACAddress(bits: 0x0200_0000_0100 | UInt64(number)),
        egress: MACAddress(bits: 0x0200_0000_0001), interface: number == 9 || number == 10 ? 7 : 1,
        vlan: number == 10 ? 42 : 0, mtu: number == 7 ? 600 : number == 8 ? 1330 : 1500)
    }
    return paths
  }()

  /// Configurations to go through one after the other.
  static let stages: [BalancingConfiguration] = [
    stage([member(1, .ipip), member(2, .gre, weight: 3), member(11, .fou)]),
    // Two changes in a row: who owned a slot first stays its previous owner.
    stage([member(2, .gre), member(3, .gue), member(9, .greKey), member(12, .gue)]),
    stage([member(3, .gue), member(4, .fou, weight: 2), member(10, .ipip)]),
    stage([member(1, .l2), member(3, .gue, .down), member(4, .fou, .drain)]),
    // Nobody is up, and some keep the flows they have; then nobody is there.
    stage([member(1, .l2, .drain), member(4, .fou, .drain)]),
    stage([member(1, .ipip, .down), member(4, .gre, .down)]),
  ]

  /// `members` are those of the services that change. One of them drops what no server takes, the others refuse it.
  private static func stage(_ members: [Member]) -> BalancingConfiguration {
    let wide = ServiceMatch(prefix: .init(host: .v4("203.0.113.83")), ports: 8000...8099, transportProtocol: .udp)
    var services = [
      service(keys[0], members, .transitions),
      service(keys[1], members, .always),
      service(keys[2], [member(7, .ipip), member(8, .greKey)], .transitions),
      service(keys[3], [member(1, .gre), member(12, .ipip)], .none),
      service(
        wide, [member(5, .gue), member(6, .ipip)], .none,
        affinity: Affinity(kind: .source, clientBits: 120)),
      service(
        prefix("203.0.114.0", 28, all: .tcp), members, .transitions,
        affinity: Affinity(kind: .sourceAndDestination)),
      service(keys[6], members, .transitions),
      service(keys[7], [member(8, .gue), member(11, .fou), member(2, .l2)], .none),
      service(prefix("2001:db8:81::", 64, all: .sctp), [member(5, .greKey), member(4, .gre)], .always, hashes: true),
    ]
    for number in services.indices where number != 6 { services[number].whenAllDown = .reset }
    return BalancingConfiguration(
      services: services, policies: policies, limits: RateLimits(flows: 4_000_000, replies: 4_000_000))
  }

  private static func prefix(_ text: String, _ length: Int, all transport: TransportProtocol) -> ServiceMatch {
    let address = IPAddress(text) ?? ownAddress
    let prefix = IPPrefix(address: address, length: length) ?? IPPrefix(host: address)
    return ServiceMatch(prefix: prefix, ports: ServiceMatch.allPorts, transportProtocol: transport)
  }

  private static func service(
    _ key: PacketGenerator.Service, _ members: [Member], _ tracking: Tracking
  ) -> Service {
    service(
      ServiceMatch(address: key.address, port: key.port, transportProtocol: key.protocol), members, tracking)
  }

  private static func service(
    _ match: ServiceMatch, _ members: [Member], _ tracking: Tracking, affinity: Affinity = .flow, hashes: Bool = false
  ) -> Service {
    Service(
      name: "\(match.prefix.address)-\(match.transportProtocol.rawValue)", match: match, tracking: tracking,
      affinity: affinity, hashesFragments: hashes, idleTimeout: .seconds(900), drainTimeout: .seconds(3600),
      members: members)
  }
}
