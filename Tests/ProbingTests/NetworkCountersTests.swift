// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@testable import Probing

struct NetworkCountersTests {
  @Test func `reads pairs of lines and lists`() {
    var counters = NetworkCounters(values: [:])
    counters.addPairs(
      """
      Ip: Forwarding DefaultTTL InReceives
      Ip: 2 64 1234
      Tcp: MaxConn
      Tcp: -1
      """)
    counters.addList("Ip6InReceives                   \t7\nnonsense\nIp6OutDiscards x\n")
    #expect(
      counters.values == [
        "IpForwarding": 2, "IpDefaultTTL": 64, "IpInReceives": 1234, "TcpMaxConn": -1, "Ip6InReceives": 7,
      ])
  }

  @Test func `takes apart what does not belong together`() {
    var counters = NetworkCounters(values: [:])
    counters.addPairs("Ip: InReceives\nTcp: 3\nUdp:\n\nIcmp: InMsgs\nIcmp: x\n")
    #expect(counters.values == [:])
  }

  @Test func `gives what has changed`() {
    let earlier = NetworkCounters(values: ["a": 1, "b": 2])
    let later = NetworkCounters(values: ["a": 1, "b": 5, "c": 4])
    #expect((later - earlier).values == ["b": 3, "c": 4])
    #expect(later["d"] == 0)
  }

  @Test func `reads those of this host`() throws {
    let counters = try NetworkCounters.now()
    #expect(counters.values["IpInReceives"] != nil)
    #expect(counters.values["TcpExtIPReversePathFilter"] != nil)
  }
}
