// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import TestSupport
import Wire

/// Services and servers of every kind there is, and changes that unsettle slots.
enum DifferentialScene {
  static let keys: [PacketGenerator.Service] = [
    ("203.0.113.80", 80, .tcp), ("203.0.113.80", 53, .udp), ("203.0.113.81", 443, .tcp), ("203.0.113.82", 80, .tcp),
  ]

  private static func server(
    _ number: UInt32, _ encapsulation: Encapsulation, _ state: AdministrativeState = .up
  ) -> RealServer {
    RealServer(
      name: "s\(number)", address: .v4(IPv4Address(bits: 0x0A01_0000 | number)), encapsulation: encapsulation,
      administrativeState: state)
  }

  private static func service(_ index: Int, _ members: [Member]) -> Service {
    let key = keys[index]
    return Service(
      name: "service-\(index)", address: .v4(key.address), port: key.port, transportProtocol: key.protocol,
      tracking: key.protocol == .tcp ? .transitions : .none, idleTimeout: .seconds(900), drainTimeout: .seconds(3600),
      members: members)
  }

  /// Server 6 cannot be reached, server 7's way is narrow, server 8's leads through another interface.
  static let paths: [IPAddress: Destination.Path] = {
    var paths: [IPAddress: Destination.Path] = [:]
    for number in UInt32(1)...8 where number != 6 {
      paths[.v4(IPv4Address(bits: 0x0A01_0000 | number))] = Destination.Path(
        source: .v4("192.0.2.10"), nextHop: MACAddress(bits: 0x0200_0000_0100 | UInt64(number)),
        egress: MACAddress(bits: 0x0200_0000_0001), interface: number == 8 ? 7 : 1, mtu: number == 7 ? 600 : 1500)
    }
    return paths
  }()

  /// Configurations to go through one after the other.
  static let stages: [[Service]] = [
    stage(web: [Member(server: server(1, .ipip)), Member(server: server(2, .gre), weight: 3)]),
    // Two changes in a row: who owned a slot first stays its previous owner.
    stage(web: [Member(server: server(2, .gre)), Member(server: server(3, .ipip)), Member(server: server(8, .gre))]),
    stage(web: [Member(server: server(3, .ipip)), Member(server: server(4, .gre), weight: 2)]),
    stage(web: [
      Member(server: server(1, .gre)), Member(server: server(3, .ipip, .down)), Member(server: server(4, .gre, .drain)),
    ]),
    stage(web: [Member(server: server(1, .ipip, .down)), Member(server: server(4, .gre, .down))]),
  ]

  private static func stage(web: [Member]) -> [Service] {
    [
      service(0, web),
      service(1, [Member(server: server(5, .gre)), Member(server: server(6, .ipip))]),
      service(2, [Member(server: server(7, .ipip)), Member(server: server(7 + 1, .ipip))]),
      service(3, [Member(server: server(1, .ipip))]),
    ]
  }
}
