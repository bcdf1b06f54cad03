// SPDX-License-Identifier: MIT
import Provisioning
import Testing
import Wire

@testable import Diagnosis
@testable import Netlink

struct DoctorTests {
  @Test func `what follows from a cause is no failure of its own, and says whose fault it is`() {
    var host = Hosts.kernel()
    host.picture.links.removeAll { $0.name == "culvert0" }
    host.picture.addresses.removeAll { $0.interface == Number.tunnel }
    host.picture.routes.removeAll { $0.interface == Number.tunnel }
    host.picture.answers[host.expectation.answerWays[0]] = .refused("Network is unreachable")
    host.picture.probes[0].answer = .none
    host.picture.settings["net/ipv6/conf/culvert0/disable_ipv6"] = nil
    let skipped = examine(host).findings.filter { $0.found.contains("because of") }
    #expect(skipped.allSatisfy { $0.verdict == .skipped && $0.found.contains("4 (decapsulator)") })
    #expect(skipped.map(\.name) == ["ipv6", "virtual-address", "return-route", "answer"])
    #expect(failures(examine(host)).map(\.name) == ["decapsulator"])
  }

  @Test func `two causes that have nothing to do with each other are both named`() {
    var host = Hosts.bpf()
    host.picture.decapsulator = nil
    host.picture.sockets = []
    #expect(failures(examine(host)).map(\.name) == ["decapsulator", "listening"])
  }

  @Test func `causes come before what follows from them`() {
    for check in Check.all {
      #expect(check.causes.allSatisfy { $0.number < check.name.number }, "\(check.name)")
    }
    #expect(Check.all.map(\.name) == Array(CheckName.allCases.dropFirst()))
  }

  @Test func `some packets of strangers are a warning, as is a table that is nearly full`() {
    var host = Hosts.bpf()
    host.picture.decapsulator?.fromStrangers = 3
    host.picture.connections?.count = 800
    let examination = examine(host)
    #expect(examination.findings.filter { $0.verdict == .warning }.map(\.name) == ["director", "conntrack"])
    #expect(examination.isHealthy)
    #expect(!examination.isMendable)
  }

  @Test func `a full table explains what the kernel says about its filters`() {
    var host = Hosts.bpf()
    host.picture.connections?.count = 1000
    host.picture.probes[0].answer = .none
    host.picture.probes[0].drops = ["NETFILTER_DROP": 1]
    #expect(failures(examine(host)).map(\.name) == ["conntrack"])
  }

  @Test func `a strict filter is right where answers leave by the same interface`() {
    var host = Hosts.bpf()
    host.picture.settings["net/ipv4/conf/eth0/rp_filter"] = "1"
    host.picture.answers[host.expectation.answerWays[0]] = .found(
      ResolvedRoute(
        destination: ip("198.51.100.7"), interface: Number.arriving, gateway: nil, preferredSource: nil, mtu: nil,
        type: .unicast, table: Hosts.ours))
    #expect(failures(examine(host)) == [])
  }

  @Test func `the mend says where state is, if it is elsewhere`() {
    var request = Hosts.request(.bpf)
    request.bpffs = "/tmp/bpf"
    request.encapsulation = .gre
    request.key = 7
    #expect(
      Mend.restoring(after: "ip link set lo up").text(request, "/tmp/state") == """
        ip link set lo up && culvert real up --vip 203.0.113.80 --vip 2001:db8:f::80 --director 10.0.0.1 \
        --interface eth0 --encapsulation gre --key 7 --decapsulate bpf --service 80/tcp --service 53/udp \
        --bpffs /tmp/bpf --state-directory /tmp/state
        """)
  }

  @Test func `without a tunnel, what is about tunnels is skipped`() {
    var host = Hosts.bpf()
    host.expectation.decapsulation = .unneeded
    host.expectation.request.encapsulation = .l2
    host.expectation.request.directors = []
    host.expectation.endpoints = []
    host.picture.decapsulator = nil
    let examination = examine(host)
    #expect(failures(examination) == [])
    let skipped = examination.findings.filter { $0.verdict == .skipped }.map(\.name)
    #expect(skipped.contains("decapsulator") && skipped.contains("endpoint") && skipped.contains("director"))
  }
}
