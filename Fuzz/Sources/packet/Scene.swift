// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import UserspaceEngine
import Wire

/// What `make-corpus` writes packets for.
///
/// Real servers 11 to 16 have an address of each family: 12 stands behind a narrow way with a VLAN tag, 14 cannot be
/// reached, 15 is sent to from a range of addresses, in packets that may be divided. 13 was taken out at tick 900, so that
/// a part of the slots is unsettled.
enum Scene {
  static let headroom = 128
  static let now = Tick(rawValue: 1000)

  private static let host = Host(
    addresses: [address("192.0.2.10"), address("2001:db8::10")],
    fragmenter: Fragmenter(interface: 9, address: MACAddress(bits: 0x0200_0000_0F00)))

  static func engine() -> UserspaceEngine {
    do {
      let engine = try UserspaceEngine()
      var state = ForwardingState()
      for (servers, tick) in [([11, 12, 13, 15, 16], 100), ([11, 12, 15], 900)] as [([Int], UInt32)] {
        let update = try state.apply(
          configuration(servers), paths: paths, host: host, now: Tick(rawValue: tick))
        try engine.commit(update)
      }
      return engine
    } catch {
      fatalError("\(error)")
    }
  }

  private static func configuration(_ servers: [Int]) -> BalancingConfiguration {
    BalancingConfiguration(
      services: Encapsulation.allCases.flatMap { perEncapsulation($0, servers) } + wide(servers), policies: policies,
      limits: RateLimits(flows: .max, replies: .max))
  }

  private static let virtualAddresses = ["203.0.113.80", "2001:db8:80::80"]

  /// The address's ports 80 to 85, for TCP and UDP, one for each encapsulation.
  private static func perEncapsulation(_ encapsulation: Encapsulation, _ servers: [Int]) -> [Service] {
    let members = members(servers, encapsulation)
    return virtualAddresses.flatMap { virtualAddress in
      [(TransportProtocol.tcp, Tracking.transitions), (.udp, .always)].map { transport, tracking in
        let port = 80 + UInt16(encapsulation.rawValue)
        return service(
          ServiceMatch(address: address(virtualAddress), port: port, transportProtocol: transport), members, tracking)
      }
    }
  }

  /// Ranges, prefixes, protocols without ports, and nobody who would serve.
  private static func wide(_ servers: [Int]) -> [Service] {
    let members = members(servers, .gue)
    return zip(virtualAddresses, ["203.0.114.0/28", "2001:db8:81::/64"]).flatMap { virtualAddress, prefix in
      let host = IPPrefix(host: address(virtualAddress))
      let prefix = Self.prefix(prefix)
      return [
        service(
          ServiceMatch(prefix: host, ports: 8000...8099, transportProtocol: .udp), members, .always,
          affinity: Affinity(kind: .source, clientBits: 120), hashesFragments: true),
        service(ServiceMatch(prefix: host, ports: 0...0, transportProtocol: .esp), members, .none),
        service(
          ServiceMatch(prefix: prefix, ports: ServiceMatch.allPorts, transportProtocol: .tcp), members, .always,
          affinity: Affinity(kind: .sourceAndDestination)),
        service(
          ServiceMatch(prefix: prefix, ports: 9...9, transportProtocol: .udp), Self.members([14], .ipip), .none),
        service(
          ServiceMatch(prefix: prefix, ports: 10...10, transportProtocol: .udp),
          Self.members([11], .ipip, state: .down), .none),
      ]
    }
  }

  private static let policies = [
    VirtualAddressPolicy(prefix: prefix("203.0.113.80/32"), unconfiguredPorts: .reset, echo: .whileServing),
    VirtualAddressPolicy(prefix: prefix("2001:db8:80::80/128"), unconfiguredPorts: .reset),
    VirtualAddressPolicy(prefix: prefix("203.0.114.0/28"), unconfiguredPorts: .drop, echo: .never),
  ]

  private static func service(
    _ match: ServiceMatch, _ members: [Member], _ tracking: Tracking, affinity: Affinity = .flow,
    hashesFragments: Bool = false
  ) -> Service {
    Service(
      name: "s", match: match, tracking: tracking, affinity: affinity, hashesFragments: hashesFragments,
      idleTimeout: .seconds(900), drainTimeout: .seconds(3600), members: members)
  }
}

// MARK: - Real servers

extension Scene {
  private static let serverAddresses = (11...16).flatMap { number in
    ["10.1.0.\(number)", "2001:db8:1::\(number)"].map { (number, address($0)) }
  }

  private static func members(
    _ numbers: [Int], _ encapsulation: Encapsulation, state: AdministrativeState = .up
  ) -> [Member] {
    serverAddresses.filter { numbers.contains($0.0) }.map { number, address in
      let outer = OuterHeader(
        encapsulation, key: encapsulation == .greKey ? 7 : 0, timeToLive: UInt8(number),
        forbidsFragmentation: number != 15, computesUDPChecksum: number % 2 == 1)
      return Member(
        server: RealServer(name: "\(address)", address: address, outer: outer, administrativeState: state))
    }
  }

  private static let paths: [IPAddress: Destination.Path] = {
    let reachable = serverAddresses.filter { $0.0 != 14 }
    return Dictionary(uniqueKeysWithValues: reachable.map { ($0.1, path(to: $0.1, of: $0.0)) })
  }()

  private static func path(to address: IPAddress, of number: Int) -> Destination.Path {
    let source =
      address.version == .v4
      ? prefix(number == 15 ? "192.0.2.0/24" : "192.0.2.10/32")
      : prefix(number == 15 ? "2001:db8::/112" : "2001:db8::10/128")
    return Destination.Path(
      source: source, nextHop: MACAddress(bits: 0x0200_0000_000B), egress: MACAddress(bits: 0x0200_0000_000A),
      interface: 7, vlan: number == 12 ? 42 : 0, mtu: number != 12 ? 1500 : address.version == .v4 ? 600 : 1400)
  }

  private static func address(_ text: String) -> IPAddress {
    guard let address = IPAddress(text) else { fatalError("\(text) is no address") }
    return address
  }

  private static func prefix(_ text: String) -> IPPrefix {
    let parts = text.split(separator: "/")
    guard parts.count == 2, let length = Int(parts[1]),
      let prefix = IPPrefix(address: address(String(parts[0])), length: length)
    else { fatalError("\(text) is no prefix") }
    return prefix
  }
}
