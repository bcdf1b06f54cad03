// SPDX-License-Identifier: MIT
import Netlink
import Provisioning
import Wire

/// What else may lose packets on their way through the host: filters, tables that are full, unfinished checksums.
enum FilterChecks {
  static let all = [
    Check(.connections, connections),
    Check(.firewall, after: [.interface, .connections], firewall),
    Check(.checksums, after: [.interface], checksums),
  ]

  private static func firewall(_ host: Case) -> Observation {
    for passage in host.passages {
      let trial = FirewallTrial(passage.packet, through: host.picture.firewall, passage.hooks)
      if let culprit = trial.drop { return blame(culprit, passage) }
    }
    guard host.picture.probes.contains(where: \.wasFirewalled) else { return innocence(host) }
    for passage in host.passages {
      let trial = FirewallTrial(passage.packet, through: host.picture.firewall, passage.hooks)
      if let culprit = trial.suspects.first { return blame(culprit, passage) }
    }
    return .failed(
      "the firewall has dropped the probe, by a rule that Culvert cannot read",
      why: "the kernel says NETFILTER_DROP of it" + host.gaps, mend: nil)
  }

  private static func innocence(_ host: Case) -> Observation {
    let chains = host.picture.firewall.chains.filter { $0.base != nil }.count
    guard chains > 0 || host.picture.firewall.gaps.isEmpty else { return .skipped(list(host.picture.firewall.gaps)) }
    let seen = chains == 0 ? "no firewall" : "no rule of the firewall drops clients' packets or answers"
    return .ok(seen + host.gaps)
  }

  private static func blame(_ culprit: FirewallTrial.Culprit, _ passage: Passage) -> Observation {
    let place = "table \(culprit.base.family) \(culprit.base.table), chain \(culprit.chain)"
    return .failed(
      culprit.rule.map { "\(culprit.tool) drops \(passage.what): \(place), rule '\($0)'" }
        ?? "\(culprit.tool) drops \(passage.what): \(place), whose policy is to drop",
      why: "the packet ends there, and nobody is told", mend: culprit.exception(for: passage.packet))
  }

  private static func checksums(_ host: Case) -> Observation {
    let interface = host.expectation.interfaces.last ?? host.expectation.interface
    for name in host.expectation.interfaces {
      guard let offloads = host.picture.offloads[name], host.picture.link(name)?.kind == .veth else { continue }
      guard offloads.sendsUnfinishedChecksums, offloads.segmentationIsForbidden else { continue }
      return .failed(
        "\(name) is one end of a veth pair, leaves checksums unfinished, and the other end has an XDP program",
        why: "a program that sends packets on forgets which checksums are unfinished: clients drop such answers",
        mend: .shell("ethtool -K \(name) tx off"))
    }
    return .ok("\(interface) finishes checksums, or leaves them to hardware")
  }

  /// In percent.
  private static let nearlyFull = (warning: 80, failed: 95)
  /// What the kernel begins with on a machine of little memory.
  private static let usualLimit = 65_536

  private static func connections(_ host: Case) -> Observation {
    guard let table = host.picture.connections, table.limit > 0 else { return .skipped("connections are not tracked") }
    let share = table.count * 100 / table.limit
    let found = "\(table.count) of \(table.limit) tracked connections are in use (\(share) %)"
    guard share >= nearlyFull.warning else { return .ok(found) }
    let why = "where the table is full the kernel drops packets of new connections"
    let mend = Mend.shell(
      (host.picture.ownsLimits ? "" : "nsenter --net=/proc/1/ns/net ")
        + "sysctl -w net.netfilter.nf_conntrack_max=\(max(table.limit * 2, usualLimit))")
    return share >= nearlyFull.failed ? .failed(found, why: why, mend: mend) : .warning(found, why: why, mend: mend)
  }
}

/// A packet that has to get through, and the hooks that it meets.
struct Passage {
  /// For people, such as `director's packets from 192.0.2.10`.
  var what: String
  var packet: FirewallPacket
  var hooks: [FirewallChain.Hook]
}

extension Case {
  /// In the order of the way: in the tunnel, out of it, and the answers.
  var passages: [Passage] {
    (expectation.decapsulation == .kernel ? outerPassages : []) + innerPassages + answerPassages
  }

  fileprivate var gaps: String {
    picture.firewall.gaps.isEmpty ? "" : "; not looked at: \(list(picture.firewall.gaps))"
  }

  private var outerPassages: [Passage] {
    expectation.outerWays.flatMap { way in
      outerProtocols(way.endpoint.version).map { transport in
        let isUDP = transport == 17
        let packet = FirewallPacket(
          transport: transport, source: way.director.address, destination: way.endpoint,
          sourcePort: isUDP ? 50_000 : nil, destinationPort: isUDP ? expectation.ports.first?.port : nil,
          input: expectation.interface)
        return Passage(
          what: "\(Self.word(transport)) from the director \(way.director.address)", packet: packet,
          hooks: [.ingress, .prerouting, .input])
      }
    }
  }

  /// The IP protocols that a director's packets have on the outside.
  private func outerProtocols(_ outer: IPVersion) -> [UInt8] {
    switch expectation.request.encapsulation {
    case .ipip: expectation.innerVersions.map { $0 == .v4 ? 4 : 41 }
    case .gre: [47]
    case .gue, .fou: [17]
    case .l2: []
    }
  }

  private static func word(_ transport: UInt8) -> String {
    switch transport {
    case 4, 41: "IP in IP (protocol \(transport))"
    case 47: "GRE (protocol 47)"
    default: "UDP"
    }
  }

  private var innerPassages: [Passage] {
    servicesAtAddresses.flatMap { address, service in
      expectation.arrivals.compactMap { input in
        expectation.client(address.version).map { client in
          Passage(
            what: "packets for \(address) port \(service)",
            packet: FirewallPacket(service, from: client, to: address, input: input),
            hooks: (expectation.decapsulation == .kernel ? [] : [.ingress]) + [.prerouting, .input])
        }
      }
    }
  }

  private var answerPassages: [Passage] {
    servicesAtAddresses.compactMap { address, service in
      guard let client = expectation.client(address.version),
        case .found(let route) = picture.answers[AnswerWay(source: address, destination: client)]
      else { return nil }
      let packet = FirewallPacket(
        transport: service.protocolName == .tcp ? 6 : 17, source: address, destination: client,
        sourcePort: service.port, destinationPort: 40_000, output: picture.name(route.interface), state: "established")
      return Passage(what: "answers from \(address) port \(service)", packet: packet, hooks: [.output, .postrouting])
    }
  }
}

extension FirewallTrial.Culprit {
  fileprivate var tool: String {
    switch base.tool {
    case .nft: "nftables"
    case .legacy(let program): program
    }
  }

  /// Lets `packet` and its like pass, before anything else in the base chain.
  fileprivate func exception(for packet: FirewallPacket) -> Mend {
    switch base.tool {
    case .nft:
      .shell("nft insert rule \(base.family) \(base.table) \(base.name) \(packet.nftWords) accept")
    case .legacy(let program):
      .shell("\(program) -t \(base.table) -I \(base.name) \(packet.legacyWords) -j ACCEPT")
    }
  }
}

extension FirewallPacket {
  private var ends: (word: String, port: UInt16?) {
    output == nil ? ("d", destinationPort) : ("s", sourcePort)
  }

  /// The address of this host, and the port; of a tunnel's packets, the director's address too.
  fileprivate var nftWords: String {
    let own = output == nil ? destination : source
    let transport = [6: "tcp", 17: "udp"][transport]
    if let transport, let port = ends.port, !isTunnels {
      return "\(version.word) \(ends.word)addr \(own) \(transport) \(ends.word)port \(port)"
    }
    let words = "\(version.word) saddr \(source) \(version.word) daddr \(destination)"
    return transport.map { "\(words) \($0) dport \(destinationPort ?? 0)" } ?? "\(words) meta l4proto \(self.transport)"
  }

  fileprivate var legacyWords: String {
    let transport = [6: "tcp", 17: "udp"][transport]
    if let transport, let port = ends.port, !isTunnels {
      return "-\(ends.word) \(output == nil ? destination : source) -p \(transport) --\(ends.word)port \(port)"
    }
    return "-s \(source) -d \(destination) -p \(self.transport)"
      + (transport == nil ? "" : " --dport \(destinationPort ?? 0)")
  }

  /// Whether it is one of a tunnel: those come from one address, clients do from any.
  private var isTunnels: Bool { sourcePort == 50_000 || sourcePort == nil }
}
