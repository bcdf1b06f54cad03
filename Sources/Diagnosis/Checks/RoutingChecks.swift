// SPDX-License-Identifier: MIT
import Netlink
import Provisioning
import Wire

/// Where packets and their answers are sent by rules, routes and the reverse path filter.
enum RoutingChecks {
  static let all = [
    Check(.rules, after: arriving, rules),
    Check(.returnRoute, after: [.interface, .endpoint, .virtualAddress, .rules], returnRoute),
    Check(.reversePath, after: arriving.union([.rules, .returnRoute]), reversePath),
    Check(.segmentSize, after: [.interface, .rules, .returnRoute], segmentSize),
  ]

  /// What has to be right for packets to come out of their tunnel.
  private static let arriving: Set<CheckName> = [
    .interface, .loopback, .ipv6, .decapsulator, .tunnelKind, .tunnelUp, .virtualAddress, .duplicateAddress,
  ]

  private static func rules(_ host: Case) -> Observation {
    let ways = host.expectation.answerWays
    guard !ways.isEmpty else { return .skipped("nobody said which clients there are: give --client") }
    for way in ways {
      if let observation = misled(host, way) { return observation }
    }
    return .ok("no rule keeps packets for virtual addresses, or answers, from their way")
  }

  private static func misled(_ host: Case, _ way: AnswerWay) -> Observation? {
    for input in host.expectation.arrivals {
      let arrival = RoutingTrial(from: way.destination, to: way.source, input: input, host.picture)
      guard !arrival.isLocal, let rule = arrival.rule, !rule.isKernels else { continue }
      return blame(rule, "packets for \(way.source) that come in at \(input)", way)
    }
    guard !host.picture.isAnswered(way) else { return shadowing(host, way) }
    let answer = RoutingTrial(from: way.source, to: way.destination, host.picture)
    guard !answer.isDelivered, let rule = answer.rule, !rule.isOrdinary else { return nil }
    return blame(rule, "answers from \(way.source) to \(way.destination)", way)
  }

  /// A rule before Culvert's own that leads answers past the routes with the right segment size.
  private static func shadowing(_ host: Case, _ way: AnswerWay) -> Observation? {
    let own = host.picture.rules.contains { $0.protocol == .culvert && $0.source?.covers(way.source) == true }
    let answer = RoutingTrial(from: way.source, to: way.destination, host.picture)
    guard own, let rule = answer.rule, !rule.isOrdinary else { return nil }
    return blame(rule, "answers from \(way.source), before Culvert's own rule,", way)
  }

  private static func blame(_ rule: RoutingRule, _ packets: String, _ way: AnswerWay) -> Observation {
    .failed(
      "the rule '\(rule.words)' takes \(packets)", why: "rules are tried in their order, and this one leads elsewhere",
      mend: .shell("ip \(way.source.version.option)rule delete \(rule.words)"))
  }

  private static func returnRoute(_ host: Case) -> Observation {
    let ways = host.expectation.answerWays
    guard !ways.isEmpty else { return .skipped("nobody said which clients there are: give --client") }
    for way in ways {
      guard let answer = host.picture.answers[way] else { continue }
      guard case .found(let route) = answer else {
        return lost(host, "there is no way from \(way.source) to \(way.destination) (\(host.picture.words(answer)))")
      }
      let name = host.picture.name(route.interface) ?? "?"
      guard !host.expectation.tunnels.map(\.name).contains(name) else {
        return lost(host, "answers to \(way.destination) would go into the tunnel \(name)")
      }
      guard host.picture.link(name)?.isRunning == true else {
        return lost(host, "answers to \(way.destination) would go out of \(name), which is down")
      }
    }
    return .ok(ways.map { "answers to \($0.destination) \(host.picture.exit($0))" }.joined(separator: ", "))
  }

  /// The routes that are on record have the gateways, which no other route may tell by now.
  private static func lost(_ host: Case, _ found: String) -> Observation {
    let routes = host.expectation.missingRoutes
    return .failed(
      found, why: "clients' packets are taken, and the answers have nowhere to go",
      mend: routes.isEmpty ? nil : Mend(shell: routes))
  }

  private static func reversePath(_ host: Case) -> Observation {
    guard host.expectation.innerVersions.contains(.v4) else { return .skipped("no virtual address is one of IPv4") }
    for name in host.expectation.arrivals {
      if let observation = filtered(host, at: name) { return observation }
    }
    guard let probe = host.picture.probes.first(where: \.wasFiltered) else {
      return .ok("the reverse path filter lets clients' packets in")
    }
    return .failed(
      "the kernel's reverse path filter has dropped \(probe.question)",
      why: "it drops packets whose source, it thinks, is not there where they come from", mend: nil)
  }

  private static func filtered(_ host: Case, at name: String) -> Observation? {
    guard let mode = host.picture.effective("rp_filter", on: name) else { return nil }
    let key = sysctlKey("net/ipv4/conf/\(name)/rp_filter")
    if mode == 1, !host.answersLeave(by: name) {
      return .failed(
        "rp_filter is strict at \(name)\(host.origin(of: "rp_filter", at: name))",
        why: "clients come in there and are answered through another interface, which a strict filter drops in silence",
        mend: .shell("sysctl -w \(key)=2"))
    }
    guard mode == 2, let link = host.picture.link(name),
      !host.picture.addresses.contains(where: { $0.interface == link.index && $0.address.version == .v4 })
    else { return nil }
    return .failed(
      "rp_filter is loose at \(name), which has no address of IPv4",
      why: "without one the kernel drops packets that loose mode would let pass", mend: host.addressing(name))
  }

  private static func segmentSize(_ host: Case) -> Observation {
    guard !host.expectation.maximumSegments.isEmpty else { return .skipped("full packets fit their tunnel") }
    for way in host.expectation.answerWays {
      guard let most = host.expectation.maximumSegments[way.source.version],
        case .found(let route) = host.picture.answers[way]
      else { continue }
      let told = host.picture.segment(route, way)
      guard told > most else { continue }
      return .failed(
        "clients of \(way.source) are told a segment size of \(told), and \(most) fits the tunnel",
        why: "their full packets are too long for it: small pages load, large uploads hang", mend: .restoring)
    }
    return .ok("clients are told a segment size that fits the tunnel")
  }
}

extension RoutingRule {
  /// Whether it is Culvert's, or one that every host has.
  fileprivate var isOrdinary: Bool { isKernels || self.protocol == .culvert }
}

extension HostPicture {
  fileprivate func isAnswered(_ way: AnswerWay) -> Bool {
    if case .found(let route) = answers[way] { route.type == .unicast || route.type == .local } else { false }
  }

  fileprivate func words(_ answer: AnswerRoute) -> String {
    if case .refused(let words) = answer { words } else { "" }
  }

  fileprivate func exit(_ way: AnswerWay) -> String {
    guard case .found(let route) = answers[way] else { return "" }
    return "leave by \(name(route.interface) ?? "?")" + (route.gateway.map { " to \($0)" } ?? "")
  }

  /// The segment size that the kernel tells a client over `route`.
  fileprivate func segment(_ route: ResolvedRoute, _ way: AnswerWay) -> UInt32 {
    let header: UInt32 = way.source.version == .v4 ? 40 : 60
    let chosen = routes.filter { $0.table == route.table && $0.destination.covers(way.destination) }
      .max { $0.destination.length < $1.destination.length }
    let mtu = route.mtu ?? links.first { $0.index == route.interface }?.mtu ?? 1500
    return min(chosen?.metrics.advertisedMSS ?? .max, mtu - min(mtu, header))
  }
}

extension Case {
  /// Whether all answers to clients that are asked about leave by the link that their packets come in by.
  fileprivate func answersLeave(by name: String) -> Bool {
    expectation.answerWays.filter { $0.source.version == .v4 }.allSatisfy { way in
      guard case .found(let route) = picture.answers[way] else { return false }
      return picture.name(route.interface) == name
    }
  }

  /// Where the value comes from, if it is not the interface's own.
  fileprivate func origin(of setting: String, at name: String) -> String {
    let own = picture.number("net/ipv4/conf/\(name)/\(setting)") ?? 0
    return (picture.number("net/ipv4/conf/all/\(setting)") ?? 0) > own ? ", by the value for all interfaces" : ""
  }

  /// A virtual address on the device, where it belongs.
  fileprivate func addressing(_ link: String) -> Mend {
    guard expectation.decapsulation == .kernel,
      let prefix = expectation.virtualAddresses.first(where: { $0.address.version == .v4 })
    else { return Mend(shell: ["sysctl -w \(sysctlKey("net/ipv4/conf/\(link)/rp_filter"))=0"]) }
    return .shell("ip address add \(prefix) dev \(link) scope host")
  }
}
