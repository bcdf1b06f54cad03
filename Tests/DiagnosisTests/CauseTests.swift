// SPDX-License-Identifier: MIT
import Provisioning
import Testing
import Wire

@testable import Diagnosis
@testable import Netlink

/// One thing that is wrong with a real server.
struct Cause: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let name: CheckName
  let mend: String?
  let apply: @Sendable (inout Case) -> Void

  init(_ text: String, _ name: CheckName, _ mend: String? = nil, _ apply: @escaping @Sendable (inout Case) -> Void) {
    testDescription = text
    self.name = name
    self.mend = mend
    self.apply = apply
  }
}

/// `culvert real up` as it is on record.
private let up = "culvert real up --vip 203.0.113.80 --vip 2001:db8:f::80 --director 10.0.0.1 --interface eth0"
private let services = " --service 80/tcp --service 53/udp"
private let upBPF = "\(up) --decapsulate bpf\(services)"
private let upKernel = "\(up) --decapsulate kernel\(services)"

func examine(_ host: Case) -> Doctor.Examination {
  Doctor.examine(host, words: { $0.text(host.expectation.request, "/run/culvert") })
}

func failures(_ examination: Doctor.Examination) -> [Finding] { examination.findings.filter { $0.verdict == .failed } }

struct CauseTests {
  @Test(arguments: [Hosts.bpf, Hosts.kernel])
  func `of a healthy host nothing is said`(_ host: @Sendable () -> Case) {
    let examination = examine(host())
    #expect(examination.findings.count == CheckName.allCases.count)
    #expect(examination.findings.map(\.number) == Array(1...CheckName.allCases.count))
    #expect(examination.findings.filter { $0.verdict == .failed || $0.verdict == .warning } == [])
  }

  @Test(arguments: programCauses)
  func `where Culvert decapsulates, one cause is named alone`(_ cause: Cause) {
    expectAlone(cause, Hosts.bpf())
  }

  @Test(arguments: deviceCauses)
  func `where the kernel decapsulates, one cause is named alone`(_ cause: Cause) {
    expectAlone(cause, Hosts.kernel())
  }

  private func expectAlone(_ cause: Cause, _ host: Case) {
    var host = host
    cause.apply(&host)
    let failures = failures(examine(host))
    #expect(failures.map(\.name) == [cause.name.rawValue])
    #expect(failures.first?.mend == cause.mend)
    #expect(failures.allSatisfy { $0.why != nil })
  }

  static let programCauses =
    [
      Cause("no interface", .interface) { $0.picture.links.removeAll { $0.name == "eth0" } },
      Cause("an interface that is down", .interface, "ip link set dev eth0 up") {
        $0.picture.change("eth0") { $0.flags = [] }
      },
      Cause("an interface without carrier", .interface) { $0.picture.change("eth0") { $0.flags = .up } },
      Cause("loopback down", .loopback, "ip link set dev lo up && \(upBPF)") {
        $0.picture.change("lo") { $0.flags = .loopback }
        $0.picture.addresses.removeAll { $0.interface == Number.loopback && $0.address.version == .v6 }
      },
      Cause("IPv6 off", .ipv6, "sysctl -w net.ipv6.conf.eth0.disable_ipv6=0 && \(upBPF)") {
        $0.picture.settings["net/ipv6/conf/eth0/disable_ipv6"] = "1"
      },
      Cause("no program", .decapsulator, upBPF) { $0.picture.decapsulator = nil },
      Cause("another program", .decapsulator, "ip link set dev eth0 xdp off && \(upBPF)") {
        $0.picture.decapsulator = AttachedProgram(isOurs: false, description: "native XDP program 9")
      },
      Cause("another list", .allowList, upBPF) { $0.picture.decapsulator?.directors = [prefix("10.0.0.3")] },
      Cause("another port", .allowList, upBPF) { $0.picture.decapsulator?.port = 6080 },
      Cause("strangers alone", .director) { $0.picture.decapsulator?.fromStrangers = 100 },
      Cause(
        "a director that is asked about", .director,
        "culvert real down && \(up.replacing(" --interface", " --director 10.0.0.3 --interface")) --decapsulate bpf\(services)"
      ) { $0.expectation.director = ip("10.0.0.3") },
      Cause("another address", .endpoint, "ip address add 10.0.0.2/24 dev eth0") {
        $0.picture.addresses.removeAll { $0.address == ip("10.0.0.2") }
        Hosts.hold("10.0.0.22/24", Number.arriving, &$0.picture)
      },
      Cause("no virtual address", .virtualAddress, upBPF) {
        $0.picture.addresses.removeAll { $0.address == ip("203.0.113.80") }
        $0.picture.routes.removeAll { $0.destination == prefix("203.0.113.80") }
      },
      Cause(
        "a duplicate", .duplicateAddress, "ip -6 address delete 2001:db8:f::80/128 dev eth1 && \(upBPF)"
      ) { host in
        host.picture.addresses.removeAll { $0.address == ip("2001:db8:f::80") }
        host.picture.addresses.append(
          InterfaceAddress(
            interface: Number.leaving, prefix: prefix("2001:db8:f::80"), flags: [.tentative, .duplicate]))
      },
      Cause("exposed", .exposedAddress, "ip address delete 203.0.113.80/32 dev eth1 && \(upBPF)") {
        Hosts.hold("203.0.113.80", Number.leaving, &$0.picture)
      },
      Cause("arp_ignore", .arp, "sysctl -w net.ipv4.conf.eth1.arp_ignore=1") {
        $0.picture.settings["net/ipv4/conf/eth1/arp_ignore"] = "0"
        $0.picture.settings["net/ipv4/conf/all/arp_ignore"] = "0"
      },
      Cause("nobody listens", .listening) { $0.picture.sockets.removeAll { $0.protocolName == .tcp } },
      Cause(
        "somebody listens elsewhere", .listening,
        """
        nft 'add table ip culvert_redirect; add chain ip culvert_redirect prerouting { type nat hook prerouting priority \
        -100; }; add rule ip culvert_redirect prerouting ip daddr 203.0.113.80 udp dport 53 dnat to 10.0.0.2'
        """
      ) { $0.picture.sockets[1].address = ip("10.0.0.2") },
      Cause("somebody listens on loopback", .listening) { $0.picture.sockets[1].address = ip("127.0.0.1") },
      Cause(
        "the wildcard", .udpSource,
        """
        nft 'add table ip culvert_redirect; add chain ip culvert_redirect prerouting { type nat hook prerouting priority \
        -100; }; add rule ip culvert_redirect prerouting ip daddr 203.0.113.80 udp dport 53 dnat to 10.9.0.2'
        """
      ) { $0.picture.sockets[1].address = ip("0.0.0.0") },
      Cause("a refusal", .listening) { $0.picture.probes[0].answer = .refused },
      Cause("strict", .reversePath, "sysctl -w net.ipv4.conf.eth0.rp_filter=2") {
        $0.picture.settings["net/ipv4/conf/eth0/rp_filter"] = "1"
      },
      Cause("strict for all", .reversePath, "sysctl -w net.ipv4.conf.eth0.rp_filter=2") {
        $0.picture.settings["net/ipv4/conf/all/rp_filter"] = "1"
      },
      Cause("a filter by the kernel's account", .reversePath) {
        $0.picture.probes[0].answer = .none
        $0.picture.probes[0].reversePathDrops = 1
      },
      Cause("a wide list", .openTunnel, upBPF) { $0.picture.decapsulator?.directors.append(prefix("0.0.0.0/1")) },
      Cause("no answer", .answer) {
        $0.picture.probes[1].answer = .none
        $0.picture.probes[1].drops = ["PKT_TOO_SMALL": 1]
      },
    ] + everywhere

  /// What does not depend on who decapsulates.
  private static let everywhere = [
    Cause("a rule that refuses", .rules, "ip rule delete priority 100 from 203.0.113.80 prohibit") { host in
      let rule = RoutingRule(
        version: .v4, source: prefix("203.0.113.80"), table: RouteTable(rawValue: 0), priority: 100, protocol: .boot,
        action: .prohibit)
      host.picture.rules.insert(rule, at: 1)
      host.picture.answers[host.expectation.answerWays[0]] = .refused("Permission denied")
    },
    Cause("a rule that shadows", .rules, "ip rule delete priority 100 from all to 198.51.100.0/24 lookup 99") { host in
      let table = RouteTable(rawValue: 99)
      host.picture.rules.insert(
        RoutingRule(version: .v4, destination: prefix("198.51.100.0/24"), table: table, priority: 100, protocol: .boot),
        at: 1)
      host.picture.routes.append(
        Route(destination: prefix("0.0.0.0/0"), gateway: ip("10.9.0.77"), interface: Number.leaving, table: table))
    },
    Cause("no way back", .returnRoute, "ip route add 0.0.0.0/0 via 10.9.0.9 dev eth1 advmss 1440 table 197 proto 197") {
      host in
      host.picture.routes.removeAll { $0.destination == prefix("0.0.0.0/0") }
      host.picture.answers[host.expectation.answerWays[0]] = .refused("Network is unreachable")
      host.expectation.missingRoutes = ["ip route add 0.0.0.0/0 via 10.9.0.9 dev eth1 advmss 1440 table 197 proto 197"]
    },
    Cause("checksums", .checksums, "ethtool -K eth1 tx off") {
      $0.picture.change("eth1") { $0.info = .veth(VethPeer(name: "")) }
      $0.picture.offloads["eth1"] = Offloads(sendsUnfinishedChecksums: true, segmentationIsForbidden: true)
    },
    Cause("tunl0", .fallback, "ip link set dev tunl0 down") {
      $0.picture.links.append(tunnelLink(Number.other, "tunl0", .ipip, Tunnel()))
    },
    Cause("a tunnel from anybody", .openTunnel, "ip link set dev any down") {
      $0.picture.links.append(tunnelLink(Number.other, "any", .ipip, Tunnel(local: ip("10.0.0.2"))))
    },
    Cause("a full table", .connections, "sysctl -w net.netfilter.nf_conntrack_max=65536") {
      $0.picture.connections?.count = 950
    },
    Cause(
      "a full table, seen from a container", .connections,
      "nsenter --net=/proc/1/ns/net sysctl -w net.netfilter.nf_conntrack_max=65536"
    ) {
      $0.picture.connections?.count = 950
      $0.picture.ownsLimits = false
    },
  ]

  static let deviceCauses =
    [
      Cause("no device", .decapsulator, upKernel) {
        $0.picture.links.removeAll { $0.name == "culvert0" }
        $0.picture.addresses.removeAll { $0.interface == Number.tunnel }
        $0.picture.routes.removeAll { $0.interface == Number.tunnel }
      },
      Cause("another kind", .tunnelKind, "ip link delete dev culvert0 && \(upKernel)") {
        $0.picture.change("culvert0") { $0.info = .tunnel(.gre, Hosts.tunnel) }
      },
      Cause("another mode", .tunnelKind, "ip link delete dev culvert0 && \(upKernel)") {
        var tunnel = Hosts.tunnel
        tunnel.payload = .ipv6
        let info = LinkInfo.tunnel(.sit, tunnel)
        $0.picture.change("culvert0") { $0.info = info }
      },
      Cause("another end", .tunnelKind, "ip link delete dev culvert0 && \(upKernel)") {
        var tunnel = Hosts.tunnel
        tunnel.remote = ip("10.0.0.3")
        let info = LinkInfo.tunnel(.sit, tunnel)
        $0.picture.change("culvert0") { $0.info = info }
      },
      Cause("a device that is down", .tunnelUp, "ip link set dev culvert0 up && \(upKernel)") {
        $0.picture.change("culvert0") { $0.flags = [.noARP, .pointToPoint] }
        $0.picture.routes.removeAll { $0.interface == Number.tunnel }
      },
      Cause("no port", .port, upKernel) {
        $0.expectation.ports = [FOUPort(version: .v4, port: 6080, content: .gue)]
      },
      Cause("a port for one protocol", .port, "ip fou del port 6080 && \(upKernel)") {
        $0.expectation.ports = [FOUPort(version: .v4, port: 6080, content: .gue)]
        $0.picture.ports = [FOUPort(version: .v4, port: 6080, content: .direct(4))]
      },
      Cause("a strict device", .reversePath, "sysctl -w net.ipv4.conf.culvert0.rp_filter=2") {
        $0.picture.settings["net/ipv4/conf/culvert0/rp_filter"] = "1"
      },
      Cause("no address on the device", .reversePath, "ip address add 203.0.113.80/32 dev culvert0 scope host") {
        $0.picture.addresses.removeAll { $0.interface == Number.tunnel }
        Hosts.hold("203.0.113.80", Number.loopback, &$0.picture)
      },
      Cause("answers into the tunnel", .returnRoute) {
        $0.picture.answers[$0.expectation.answerWays[0]] = .found(
          ResolvedRoute(
            destination: ip("198.51.100.7"), interface: Number.tunnel, gateway: nil, preferredSource: nil, mtu: nil,
            type: .unicast, table: .main))
      },
      Cause("segments too large", .segmentSize, upKernel) {
        $0.picture.routes.removeAll { $0.table == Hosts.ours }
        let way = $0.expectation.answerWays[0]
        guard case .found(var route) = $0.picture.answers[way] else { return }
        route.table = .main
        $0.picture.answers[way] = .found(route)
      },
    ] + everywhere
}

extension String {
  fileprivate func replacing(_ old: String, _ new: String) -> String {
    guard let range = firstRange(of: old) else { return self }
    return replacingSubrange(range, with: new)
  }

  private func replacingSubrange(_ range: Range<Index>, with new: String) -> String {
    String(self[..<range.lowerBound]) + new + self[range.upperBound...]
  }
}
