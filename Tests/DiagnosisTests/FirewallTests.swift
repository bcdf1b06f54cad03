// SPDX-License-Identifier: MIT
import Testing
import Wire

@testable import Diagnosis

/// Rules as nft(8) and iptables(8) write them.
struct FirewallTests {
  /// What `nft --json --numeric list ruleset` makes of the rules in the comments.
  private static let ruleset = #"""
    {"nftables": [{"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
    {"table": {"family": "inet", "name": "filter", "handle": 1}},
    {"set": {"family": "inet", "name": "dirs", "table": "filter", "type": "ipv4_addr", "handle": 4,
      "elem": ["10.0.0.1", "10.0.0.2"]}},
    {"chain": {"family": "inet", "table": "filter", "name": "input", "handle": 1, "type": "filter", "hook": "input",
      "prio": 0, "policy": "drop"}},
    {"chain": {"family": "inet", "table": "filter", "name": "other", "handle": 2}},
    {"chain": {"family": "inet", "table": "filter", "name": "pre", "handle": 3, "type": "nat", "hook": "prerouting",
      "prio": -100, "policy": "accept"}},
    {"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 5, "expr": [
      {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}},
      {"accept": null}]}},
    {"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 8, "expr": [
      {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@dirs"}},
      {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "protocol"}}, "right": 4}},
      {"accept": null}]}},
    {"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 10, "expr": [
      {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": {"set": [4, 47]}}}, {"drop": null}]}},
    {"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 15, "expr": [
      {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}},
        "right": {"prefix": {"addr": "10.0.0.0", "len": 8}}}},
      {"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}},
        "right": {"range": [6000, 6100]}}},
      {"counter": {"packets": 0, "bytes": 0}}, {"reject": null}]}},
    {"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 17, "expr": [
      {"vmap": {"key": {"payload": {"protocol": "tcp", "field": "dport"}},
        "data": {"set": [[22, {"accept": null}], [80, {"jump": {"target": "other"}}]]}}}]}},
    {"rule": {"family": "inet", "table": "filter", "chain": "other", "handle": 20, "expr": [
      {"match": {"op": "!=", "left": {"payload": {"protocol": "ip", "field": "daddr"}}, "right": "203.0.113.80"}},
      {"log": {"prefix": "x"}}, {"drop": null}]}},
    {"rule": {"family": "inet", "table": "filter", "chain": "other", "handle": 21, "expr": [
      {"match": {"op": "==", "left": {"fib": {"result": "oif", "flags": ["saddr", "iif"]}}, "right": false}},
      {"drop": null}]}},
    {"rule": {"family": "inet", "table": "filter", "chain": "other", "handle": 22, "expr": [
      {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "eth*"}}, {"accept": null}]}},
    {"rule": {"family": "inet", "table": "filter", "chain": "pre", "handle": 23, "expr": [
      {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "daddr"}}, "right": "192.0.2.1"}},
      {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 80}},
      {"dnat": {"family": "ip", "addr": "203.0.113.80"}}]}}
    ]}
    """#

  private static func packet(
    _ transport: UInt8, from source: String = "198.51.100.7", to destination: String = "203.0.113.80",
    port: UInt16? = nil,
    state: String = "new"
  ) -> FirewallPacket {
    FirewallPacket(
      transport: transport, source: ip(source), destination: ip(destination), sourcePort: 40_000,
      destinationPort: port, input: "eth0", state: state)
  }

  private func trial(_ packet: FirewallPacket) throws -> FirewallTrial {
    FirewallTrial(packet, through: try Firewall(nft: Self.ruleset), [.prerouting, .input])
  }

  @Test func `named sets let directors pass, and nobody else`() throws {
    #expect(try trial(Self.packet(4, from: "10.0.0.1", to: "10.0.0.2")).drop == nil)
    let drop = try trial(Self.packet(4, from: "10.0.0.3", to: "10.0.0.2")).drop
    #expect(drop?.rule == "meta l4proto { 4, 47 } drop")
    #expect(drop?.chain == "input")
  }

  @Test func `prefixes and ranges match what is in them`() throws {
    #expect(
      try trial(Self.packet(17, from: "10.9.9.9", port: 6080)).drop?.rule
        == "ip saddr 10.0.0.0/8 udp dport 6000-6100 reject")
    // By the policy.
    #expect(try trial(Self.packet(17, from: "11.9.9.9", port: 6080)).drop?.rule == .some(nil))
    #expect(try trial(Self.packet(17, from: "10.9.9.9", port: 6101)).drop?.rule == .some(nil))
  }

  @Test func `a map of verdicts leads to a chain, whose rules are followed`() throws {
    #expect(try trial(Self.packet(6, port: 22)).drop == nil)
    #expect(try trial(Self.packet(6, to: "203.0.113.81", port: 80)).drop?.chain == "other")
    let accepted = try trial(Self.packet(6, port: 80))
    #expect(accepted.drop == nil)
    // Nobody but the kernel can tell whether this one matches.
    #expect(accepted.suspects.map(\.rule) == ["fib result oif flags saddr,iif false drop"])
  }

  @Test func `what belongs to a connection passes`() throws {
    #expect(try trial(Self.packet(17, from: "10.9.9.9", port: 6080, state: "established")).drop == nil)
  }

  @Test func `a destination that is changed is the one that later rules see`() throws {
    let trial = try trial(Self.packet(6, to: "192.0.2.1", port: 80))
    #expect(trial.packet.destination == ip("203.0.113.80"))
    #expect(trial.drop == nil)
  }

  @Test func `packets of the other version do not have the field`() throws {
    var packet = Self.packet(4)
    packet.source = ip("2001:db8::1")
    packet.destination = ip("2001:db8::2")
    packet.transport = 59
    #expect(try trial(packet).drop?.rule == .some(nil))
  }

  @Test(arguments: ["", "null", "[]", "{\"nftables\": 7}", "{\"nftables\": [{\"rule\": {}}, {\"chain\": 1}]}"])
  func `other text is an error, or no rules`(_ text: String) {
    #expect((try? Firewall(nft: text))?.chains.filter { $0.base != nil } ?? [] == [])
  }

  /// What `iptables-legacy-save` makes of such rules.
  private static let saved = """
    # Generated by iptables-save v1.8.9
    *raw
    :PREROUTING ACCEPT [0:0]
    COMMIT
    *filter
    :INPUT ACCEPT [0:0]
    :FORWARD DROP [0:0]
    :OUTPUT DROP [0:0]
    :foo - [0:0]
    -A INPUT -s 10.0.0.1/32 -p ipencap -j DROP
    -A INPUT ! -i lo -p tcp -m tcp --dport 80:81 -m conntrack --ctstate NEW -j REJECT --reject-with icmp-port-unreachable
    -A INPUT -p gre -m comment --comment "a b" -j foo
    -A INPUT -m limit --limit 5/sec -j DROP
    -A foo -s 10.0.0.3/32 -j RETURN
    -A foo -j DROP
    COMMIT
    """

  @Test(arguments: [
    (Self.packet(4, from: "10.0.0.1"), "-A INPUT -s 10.0.0.1/32 -p ipencap -j DROP"),
    (Self.packet(4, from: "10.0.0.2"), nil),
    (
      Self.packet(6, port: 81),
      "-A INPUT ! -i lo -p tcp -m tcp --dport 80:81 -m conntrack --ctstate NEW -j REJECT --reject-with icmp-port-unreachable"
    ),
    (Self.packet(6, port: 82), nil), (Self.packet(47, from: "10.0.0.1"), "-A foo -j DROP"),
    (Self.packet(47, from: "10.0.0.3"), nil),
  ])
  func `the older rules are read too`(_ packet: FirewallPacket, _ rule: String?) {
    let firewall = Firewall(legacy: Self.saved, .v4, program: "iptables-legacy")
    let trial = FirewallTrial(packet, through: firewall, [.prerouting, .input])
    #expect(trial.drop?.rule == rule)
    #expect(trial.drop != nil || trial.suspects.count == 1)
  }

  @Test func `a policy to drop is named as such`() {
    let firewall = Firewall(legacy: Self.saved, .v4, program: "iptables-legacy")
    let culprit = FirewallTrial(Self.packet(6), through: firewall, [.output]).drop
    #expect(culprit?.base.name == "OUTPUT")
    #expect(culprit?.rule == nil)
  }

  @Test(arguments: [
    (
      #"{"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": 4}}"#,
      "nft insert rule inet filter input ip saddr 10.0.0.1 ip daddr 10.0.0.2 meta l4proto 41 accept", true
    ),
    (
      #"{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 80}}"#,
      "nft insert rule inet filter input ip daddr 203.0.113.80 tcp dport 80 accept", false
    ),
  ])
  func `the mend lets the packets pass that are dropped, and no others`(
    _ match: String, _ mend: String, isOuter: Bool
  ) throws {
    var host = isOuter ? Hosts.kernel() : Hosts.bpf()
    let match = isOuter ? match.replacingFour : match
    host.picture.firewall = try Firewall(
      nft: """
        {"nftables": [{"chain": {"family": "inet", "table": "filter", "name": "input", "hook": "input", "prio": 0}},
        {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [\(match), {"drop": null}]}}]}
        """)
    let failures = failures(examine(host))
    #expect(failures.map(\.name) == ["firewall"])
    #expect(failures.first?.mend == mend)
  }

  @Test func `what only the kernel can judge is blamed once the kernel has dropped the packet`() throws {
    var host = Hosts.bpf()
    host.picture.firewall = try Firewall(
      nft: #"""
        {"nftables": [{"chain": {"family": "ip", "table": "raw", "name": "pre", "hook": "prerouting", "prio": -300}},
        {"rule": {"family": "ip", "table": "raw", "chain": "pre", "expr": [{"match": {"op": "==",
        "left": {"fib": {"result": "oif"}}, "right": false}}, {"drop": null}]}}]}
        """#)
    #expect(failures(examine(host)) == [])
    host.picture.probes[0].answer = .none
    host.picture.probes[0].drops = ["NETFILTER_DROP": 1]
    #expect(failures(examine(host)).map(\.name) == ["firewall"])
    host.picture.firewall = Firewall()
    #expect(failures(examine(host)).map(\.name) == ["firewall"])
  }
}

extension String {
  /// IPv6 in IPv4, for a device that carries both.
  fileprivate var replacingFour: String { dropLast(3) + "41}}" }
}
