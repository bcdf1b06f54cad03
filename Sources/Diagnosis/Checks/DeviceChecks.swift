// SPDX-License-Identifier: MIT
import Netlink
import Provisioning
import Wire

/// What takes packets out of their tunnels.
enum DeviceChecks {
  static let all = [
    Check(.decapsulator, after: [.interface], decapsulator),
    Check(.tunnelKind, after: [.decapsulator], kind),
    Check(.tunnelUp, after: [.decapsulator, .tunnelKind], up),
    Check(.port, port),
    Check(.allowList, after: [.decapsulator], allowList),
  ]

  private static func decapsulator(_ host: Case) -> Observation {
    switch host.expectation.decapsulation {
    case .unneeded: .skipped("packets come without a tunnel")
    case .kernel: devices(host)
    case .bpf: program(host)
    }
  }

  private static func devices(_ host: Case) -> Observation {
    let names = host.expectation.tunnels.map(\.name)
    let missing = names.filter { host.picture.link($0) == nil }
    guard !missing.isEmpty else { return .ok("the tunnel \(names.count == 1 ? "device" : "devices") \(list(names))") }
    return .failed(
      "there is no tunnel device \(list(missing))", why: "nobody takes directors' packets out of their tunnel",
      mend: .restoring)
  }

  private static func program(_ host: Case) -> Observation {
    let interface = host.expectation.interface
    guard let program = host.picture.decapsulator else {
      return .failed(
        "there is no decapsulator at \(interface)", why: "nobody takes directors' packets out of their tunnel",
        mend: .restoring)
    }
    guard program.isOurs else {
      return .failed(
        "\(interface) has another XDP program than Culvert's: \(program.description)",
        why: "nobody takes directors' packets out of their tunnel",
        mend: .restoring(after: "ip link set dev \(interface) xdp off"))
    }
    return .ok("Culvert's decapsulator at \(interface), \(program.description)")
  }

  private static func kind(_ host: Case) -> Observation {
    guard host.expectation.decapsulation == .kernel else { return .skipped("no tunnel device is needed") }
    for expected in host.expectation.tunnels {
      guard let link = host.picture.link(expected.name), !expected.isLike(link) else { continue }
      return .failed(
        "\(expected.name) is \(words(link)), and ought to be \(words(expected.kind, expected.tunnel))",
        why: "a tunnel device takes packets of its own kind alone, between its own two ends",
        mend: .restoring(after: "ip link delete dev \(expected.name)"))
    }
    return .ok(
      host.expectation.tunnels.map { "\($0.name) is \(words($0.kind, $0.tunnel))" }.joined(separator: ", "))
  }

  private static func words(_ link: Link) -> String {
    guard case .tunnel(let kind, let tunnel) = link.info else { return link.kind.map { "\($0)" } ?? "no tunnel" }
    return words(kind, tunnel)
  }

  private static func words(_ kind: Tunnel.Kind, _ tunnel: Tunnel) -> String {
    var words = "\(kind.rawValue)"
    if kind == .sit || kind == .ip6tnl { words += " for \(tunnel.payload.words)" }
    if let key = tunnel.inputKey { words += " with key \(key)" }
    if let udp = tunnel.udp { words += " in \(udp.format == .gue ? "gue" : "fou") to port \(udp.destinationPort)" }
    return words + " from \(tunnel.remote.map { "\($0)" } ?? "any") to \(tunnel.local.map { "\($0)" } ?? "any")"
  }

  private static func up(_ host: Case) -> Observation {
    guard host.expectation.decapsulation == .kernel else { return .skipped("no tunnel device is needed") }
    let down = host.expectation.tunnels.map(\.name).filter { host.picture.link($0)?.isUp == false }
    guard !down.isEmpty else { return .ok("\(list(host.expectation.tunnels.map(\.name))) up") }
    return .failed(
      "\(list(down)) is down", why: "packets for a device that is down are not taken out of their tunnel",
      mend: Mend(shell: down.map { "ip link set dev \($0) up" }, then: .restore))
  }

  private static func port(_ host: Case) -> Observation {
    guard !host.expectation.ports.isEmpty else { return .skipped("the kernel needs no UDP port for it") }
    for expected in host.expectation.ports where !host.picture.ports.contains(expected) {
      let family = expected.version == .v6 ? " -6" : ""
      let other = host.picture.ports.first { $0.port == expected.port && $0.version == expected.version }
      return .failed(
        other == nil
          ? "UDP port \(expected.port) is not open for tunnels over IPv\(expected.version.rawValue)"
          : "UDP port \(expected.port) is open for one protocol alone, not for GUE",
        why: "datagrams of tunnels are taken for a program's, and nobody has that port",
        mend: other == nil ? .restoring : .restoring(after: "ip fou del port \(expected.port)\(family)"))
    }
    return .ok("UDP port \(host.expectation.ports[0].port) is open for tunnels")
  }

  private static func allowList(_ host: Case) -> Observation {
    guard host.expectation.decapsulation == .bpf else {
      return .skipped("a device of the kernel has its director as its other end")
    }
    guard let program = host.picture.decapsulator else { return .skipped("there is no decapsulator") }
    let request = host.expectation.request
    let missing =
      absent("director", request.directors, program.directors)
      + absent("endpoint", host.expectation.endpoints.map(IPPrefix.init(host:)), program.endpoints)
      + absent("virtual address", request.virtualAddresses, program.virtualAddresses)
      + number("UDP port", wantedPort(request), program.port) + number("GRE key", request.key, program.key)
    guard let first = missing.first else {
      return .ok("it takes packets from \(list(program.directors.map(\.brief)))")
    }
    return .failed(
      "Culvert's decapsulator does not have \(first)", why: "it drops what its list does not name", mend: .restoring)
  }

  private static func absent(_ role: String, _ wanted: [IPPrefix], _ found: [IPPrefix]) -> [String] {
    wanted.filter { wanted in !found.contains { $0.covers(wanted) } }.map { "the \(role) \($0.brief) on its list" }
  }

  private static func number<Number: Equatable>(_ what: String, _ wanted: Number?, _ found: Number?) -> [String] {
    wanted == found ? [] : ["the \(what) \(wanted.map { "\($0)" } ?? "none"), but \(found.map { "\($0)" } ?? "none")"]
  }

  private static func wantedPort(_ request: RealServerRequest) -> UInt16? {
    request.encapsulation.tunnel?.isUDP == true ? request.port ?? TunnelProtocol.defaultPort : nil
  }
}

extension Tunnel.Payload {
  fileprivate var words: String {
    switch self {
    case .any: "both versions"
    case .ipv4: "IPv4"
    case .ipv6: "IPv6"
    }
  }
}
