// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Wire

/// So many ticks, exactly.
func ticks(_ count: Int) -> Duration { .nanoseconds(count << 30) }

/// The server 10.0.0.`number`.
func server(_ number: Int, _ state: AdministrativeState = .up) -> RealServer {
  RealServer(
    name: "s\(number)", address: address(number), encapsulation: number % 2 == 0 ? .ipip : .gre,
    administrativeState: state)
}

func address(_ number: Int) -> IPAddress { .v4(IPv4Address(bits: 0x0A00_0000 + UInt32(number))) }

/// The service 203.0.113.`number`, TCP port 80.
func service(_ number: Int = 1, _ members: [Member], tracking: Tracking = .transitions) -> Service {
  Service(
    name: "web\(number)", address: .v4(IPv4Address(bits: 0xCB00_7100 + UInt32(number))), port: 80,
    transportProtocol: .tcp, tracking: tracking, idleTimeout: ticks(4), drainTimeout: ticks(20), members: members)
}

func service(_ number: Int = 1, servers: [Int]) -> Service {
  service(number, servers.map { Member(server: server($0)) })
}

/// A way to each of the servers 10.0.0.0 to 10.0.0.255.
let paths = Dictionary(
  uniqueKeysWithValues: (0..<256).map { number in
    let path = Destination.Path(
      source: IPPrefix(host: address(255)), nextHop: MACAddress(bits: UInt64(number)), egress: .zero, interface: 2,
      mtu: 1_500)
    return (address(number), path)
  })
