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
enum Scene {
  static let client: IPv4Address = "198.51.100.7"
  static let virtualAddress: IPv4Address = "203.0.113.80"
  static let web: UInt32 = 1
  static let names: UInt32 = 2

  static let ipip = DestinationIndex(rawValue: 1)
  static let gre = DestinationIndex(rawValue: 2)
  static let down = DestinationIndex(rawValue: 3)
  static let unreachable = DestinationIndex(rawValue: 4)

  static let egressInterface: UInt32 = 7

  static func path(mtu: UInt16 = 1500) -> Destination.Path {
    Destination.Path(
      source: .v4("192.0.2.10"), nextHop: "02:00:00:00:00:0b", egress: "02:00:00:00:00:0a", interface: egressInterface,
      mtu: mtu)
  }

  static func destination(_ encapsulation: Encapsulation, mtu: UInt16 = 1500) -> Destination {
    Destination(serviceIndex: web, address: .v4("10.1.0.11"), encapsulation: encapsulation, path: path(mtu: mtu))
  }

  /// All slots of both services are settled and belong to `owner`.
  static func environment(owner: DestinationIndex = ipip) -> TestEnvironment {
    let environment = TestEnvironment()
    let web = ServiceEntry(index: web, hashSeed: 0x1234_5678, tracking: .transitions)
    let names = ServiceEntry(index: names, hashSeed: 0x9ABC_DEF0, tracking: .none)
    environment.services = [
      ServiceKey(address: IPv6Address(mapping: virtualAddress), port: 80, transportProtocol: .tcp): Cell(web),
      ServiceKey(address: IPv6Address(mapping: virtualAddress), port: 53, transportProtocol: .udp): Cell(names),
    ]
    environment.commonSlots = [1: Cell(.settled(owner: owner)), 2: Cell(.settled(owner: owner))]
    environment.destinations = [
      ipip: Cell(destination(.ipip)), gre: Cell(destination(.gre)),
      down: Cell(Destination(down: 1, address: .v4("10.1.0.12"), encapsulation: .ipip)),
      unreachable: Cell(Destination(serviceIndex: 1, address: .v4("10.1.0.13"), encapsulation: .ipip, path: nil)),
    ]
    return environment
  }

  /// All slots of both services are unsettled since tick 900, and had belonged to `previous`.
  static func unsettled(owner: DestinationIndex = ipip, previous: DestinationIndex = gre) -> TestEnvironment {
    let environment = environment()
    let transition = Transition(previous: previous, since: Tick(rawValue: 900), lastOther: Tick(rawValue: 900))
    environment.commonSlots = [1: Cell(.unsettled(owner: owner)), 2: Cell(.unsettled(owner: owner))]
    environment.transitions = [1: Cell(transition), 2: Cell(transition)]
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

  static func udp(from port: UInt16 = 40_000, payload: [UInt8] = []) -> [UInt8] {
    PacketBuilder().ethernet().ipv4(from: client, to: virtualAddress).udp(from: port, to: 53, payload: payload).bytes
  }

  static func flowKey(port: UInt16 = 40_000, service: UInt32 = web) -> FlowKey {
    FlowKey(client: IPv6Address(mapping: client), clientPort: port, serviceIndex: service)
  }
}

/// Forwards one frame.
func decide(_ frame: [UInt8], in environment: TestEnvironment, headroom: Int = 64) -> Decision {
  var environment = environment
  environment.receive(frame, headroom: headroom)
  return forward(&environment)
}
