// SPDX-License-Identifier: MIT
import Provisioning
import TestSupport
import Wire

@testable import Diagnosis
@testable import Netlink

func ip(_ text: String) -> IPAddress {
  guard let address = IPAddress(text) else { preconditionFailure("\"\(text)\" is no address") }
  return address
}

func prefix(_ text: String) -> IPPrefix {
  guard let prefix = IPPrefix(text) else { preconditionFailure("\"\(text)\" is no prefix") }
  return prefix
}

/// The links of a real server, by their numbers.
enum Number {
  static let loopback = InterfaceIndex(rawValue: 1)
  static let arriving = InterfaceIndex(rawValue: 2)
  static let leaving = InterfaceIndex(rawValue: 3)
  static let tunnel = InterfaceIndex(rawValue: 4)
  static let other = InterfaceIndex(rawValue: 5)
}

func link(_ index: InterfaceIndex, _ name: String, _ flags: LinkFlags = [.up, .running]) -> Link {
  var link = Link(index: index, name: name, flags: flags, mtu: 1500)
  if flags.isDisjoint(with: [.loopback, .noARP]) { link.macAddress = "02:00:00:00:00:02" }
  return link
}

func tunnelLink(_ index: InterfaceIndex, _ name: String, _ kind: Tunnel.Kind, _ tunnel: Tunnel) -> Link {
  var found = link(index, name, [.up, .running, .noARP, .pointToPoint])
  found.info = .tunnel(kind, tunnel)
  return found
}

/// A real server of which nothing is wrong: `eth0`, where packets come in tunnels, and `eth1`, where answers leave.
enum Hosts {
  static let services = [ServicePort(.tcp, 80), ServicePort(.udp, 53)]
  static let tunnel = Tunnel(local: ip("10.0.0.2"), remote: ip("10.0.0.1"), payload: .any)

  static func request(_ decapsulation: RealServerRequest.Choice) -> RealServerRequest {
    RealServerRequest(
      virtualAddresses: [prefix("203.0.113.80"), prefix("2001:db8:f::80")], directors: [prefix("10.0.0.1")],
      interface: "eth0", decapsulation: decapsulation, bpffs: "/sys/fs/bpf", services: services)
  }

  /// With Culvert's decapsulator.
  static func bpf() -> Case {
    var host = Case(expectation: expectation(.bpf), picture: picture())
    hold("203.0.113.80", Number.loopback, &host.picture)
    host.picture.decapsulator = AttachedProgram(
      isOurs: true, description: "native XDP program 7", directors: [prefix("10.0.0.1")],
      endpoints: [prefix("10.0.0.2")], virtualAddresses: host.expectation.virtualAddresses)
    return host
  }

  /// With a tunnel device of the kernel.
  static func kernel() -> Case {
    var host = Case(expectation: expectation(.kernel), picture: picture())
    host.expectation.tunnels = [.init(name: "culvert0", kind: .sit, tunnel: tunnel)]
    host.expectation.holders[.v4] = ["culvert0"]
    host.picture.links.append(tunnelLink(Number.tunnel, "culvert0", .sit, tunnel))
    hold("203.0.113.80", Number.tunnel, &host.picture)
    host.picture.settings["net/ipv4/conf/culvert0/rp_filter"] = "2"
    host.picture.settings["net/ipv6/conf/culvert0/disable_ipv6"] = "0"
    return host
  }

  private static func expectation(_ decapsulation: Decapsulation) -> Expectation {
    Expectation(
      request: request(decapsulation == .kernel ? .kernel : .bpf), decapsulation: decapsulation,
      endpoints: [ip("10.0.0.2")], interfaces: ["eth0", "eth1"], holders: [.v4: ["lo"], .v6: ["lo"]],
      maximumSegments: [.v4: 1440, .v6: 1420], clients: [ip("198.51.100.7"), ip("2001:db8:c::7")])
  }

  private static func picture() -> HostPicture {
    var picture = HostPicture()
    picture.links = [
      link(Number.loopback, "lo", [.up, .running, .loopback]), link(Number.arriving, "eth0"),
      link(Number.leaving, "eth1"),
    ]
    hold("10.0.0.2/24", Number.arriving, &picture)
    hold("10.9.0.2/24", Number.leaving, &picture)
    hold("2001:db8:f::80", Number.loopback, &picture)
    picture.rules = [IPVersion.v4, .v6].flatMap(rules)
    picture.routes += [route("0.0.0.0/0", .main), route("::/0", .main), route("0.0.0.0/0", ours), route("::/0", ours)]
    for name in ["eth0", "eth1", "lo", "all"] {
      picture.settings["net/ipv4/conf/\(name)/rp_filter"] = "0"
      picture.settings["net/ipv4/conf/\(name)/arp_ignore"] = "1"
      picture.settings["net/ipv4/conf/\(name)/arp_announce"] = "2"
      picture.settings["net/ipv6/conf/\(name)/disable_ipv6"] = "0"
    }
    picture.sockets = [
      OpenSocket(protocolName: .tcp, address: ip("::"), port: 80),
      OpenSocket(protocolName: .udp, address: ip("203.0.113.80"), port: 53),
      OpenSocket(protocolName: .udp, address: ip("2001:db8:f::80"), port: 53),
    ]
    for (address, client) in [("203.0.113.80", "198.51.100.7"), ("2001:db8:f::80", "2001:db8:c::7")] {
      picture.answers[AnswerWay(source: ip(address), destination: ip(client))] = .found(answer(to: client))
      picture.probes.append(
        ProbeReport(
          client: ip(client), virtualAddress: ip(address), service: ServicePort(.tcp, 80), answer: .accepted))
    }
    picture.ownSources[ip("198.51.100.7")] = ip("10.9.0.2")
    picture.connections = Connections(count: 10, limit: 1000)
    return picture
  }

  static let ours = RouteTable(rawValue: 197)

  static func answer(to client: String) -> ResolvedRoute {
    ResolvedRoute(
      destination: ip(client), interface: Number.leaving, gateway: ip("10.9.0.9"), preferredSource: nil, mtu: nil,
      type: .unicast, table: ours)
  }

  static func hold(_ text: String, _ link: InterfaceIndex, _ picture: inout HostPicture) {
    let prefix = prefix(text)
    picture.addresses.append(InterfaceAddress(interface: link, prefix: prefix))
    picture.routes.append(
      Route(destination: IPPrefix(host: prefix.address), interface: link, table: .local, type: .local))
  }

  private static func rules(_ version: IPVersion) -> [RoutingRule] {
    let source = version == .v4 ? prefix("203.0.113.80") : prefix("2001:db8:f::80")
    return [
      RoutingRule(version: version, table: .local, priority: 0, protocol: .kernel),
      RoutingRule(version: version, source: source, table: ours, priority: 32_765),
      RoutingRule(version: version, table: .main, priority: 32_766, protocol: .kernel),
    ]
  }

  private static func route(_ destination: String, _ table: RouteTable) -> Route {
    let isV4 = destination.contains(".")
    return Route(
      destination: prefix(destination), gateway: ip(isV4 ? "10.9.0.9" : "2001:db8:9::9"), interface: Number.leaving,
      table: table, metrics: RouteMetrics(advertisedMSS: table == ours ? (isV4 ? 1440 : 1420) : nil))
  }
}

extension HostPicture {
  mutating func change(_ name: String, _ body: (inout Link) -> Void) {
    for index in links.indices where links[index].name == name { body(&links[index]) }
  }
}
