// SPDX-License-Identifier: MIT
import Control
import DataPlane
import FoundationEssentials
import Health
import Testing

@testable import Commands

@Suite struct `culvert list` {
  private static func server(
    _ name: String?, _ address: String, slots: Int, state: String = "up", reachable: Bool = true, rate: Double = 0
  ) -> ServerListing {
    ServerListing(
      name: name, address: address, site: "A", encapsulation: "ipip", weight: 1, slots: slots, state: state,
      reachable: reachable, packets: 7, bytes: 420, flows: 1,
      rates: ServerListing.Rates(flows: rate, packets: rate * 10, bytes: rate * 600))
  }

  private static func listing(
    engine: String = "kernel", process: Int32? = 4711, _ servers: [ServerListing], name: String = "web",
    verdicts: [String: UInt64] = [:], rest: [String: UInt64] = [:]
  ) -> Listing {
    Listing(
      interface: "eth0", engine: engine, process: process,
      services: [
        ServiceListing(
          name: name, address: "203.0.113.80", port: "80", protocol: "tcp", table: "8d6f1f2a00c0ffee", unsettled: 12,
          servers: servers, verdicts: verdicts)
      ],
      verdicts: rest)
  }

  @Test func `has the shape of ipvsadm`() {
    let listing = Self.listing(
      [
        Self.server("a1", "10.1.0.11", slots: 32_769, rate: 12_345),
        Self.server("b1", "10.2.0.11", slots: 32_768, state: "drain", reachable: false, rate: 3.4),
      ],
      verdicts: ["exceedsMTU": 3], rest: ["noService": 50, "notIP": 700])
    #expect(
      listing.text(at: ServerExamples.now) == """
        culvert director on eth0, kernel engine, process 4711
        Prot VirtualAddress:Port   Scheduler Table            Unsettled Service
          -> RealServer                    Forward Weight  Share State    Flow/s  Pkt/s
        TCP  203.0.113.80:80       maglev    8d6f1f2a00c0ffee 12        web
          -> a1 10.1.0.11                  ipip         1  50.0% up        12.3k   123k
          -> b1 10.2.0.11                  ipip         1  50.0% drain!        3     34
             not sent: exceedsMTU 3
        not for a service: notIP 700, noService 50
        !: no way there is known; 'ip route get ADDRESS' and 'ip neighbour' say more
        """)
  }

  @Test(arguments: [
    ("kernel", "packets are forwarded, changes are not followed: start culvert run"),
    ("userspace", "nothing is forwarded: start culvert run"),
  ])
  func `says what it means that no process runs`(_ engine: String, _ warning: String) {
    let lines = Self.listing(engine: engine, process: nil, []).text(at: ServerExamples.now).split(separator: "\n")
    #expect(lines.prefix(2) == ["culvert director on eth0, \(engine) engine, no process", warning[...]])
  }

  @Test(arguments: ["drain", "standby", "maintenance"])
  func `fits 80 columns, whatever the names and numbers`(_ state: String) {
    let name = String(repeating: "long-name-", count: 6)
    let verdicts = Dictionary(uniqueKeysWithValues: Verdict.allCases.map { ("\($0)", UInt64.max) })
    var server = Self.server(
      name, "255.255.255.255", slots: slotCount, state: state, reachable: false, rate: 1.5e12)
    (server.since, server.by, server.reason) = (ServerExamples.ago(99), "check \(name)", "\(name) \(name)")
    let text = Self.listing(engine: "userspace", [server], name: name, verdicts: verdicts, rest: verdicts)
      .text(at: ServerExamples.now)
    #expect(text.split(separator: "\n").filter { $0.count > 80 } == [])
    #expect(Verdict.allCases.allSatisfy { text.contains("\($0) \(UInt64.max)") })
  }

  @Test(arguments: [
    (0, "0"), (0.5, "1"), (9_999, "9999"), (9_999.4, "9999"), (9_999.5, "10.0k"), (12_345, "12.3k"), (99_949, "99.9k"),
    (99_950, "100k"), (999_999, "1000k"), (9_999_499, "9999k"), (9_999_500, "10.0M"), (1e10, "10.0G"),
  ])
  func `writes rates in five characters`(_ rate: Double, _ text: String) {
    #expect(scaled(rate) == text)
  }

  /// What a director wrote down of it.
  private static func known(_ server: ServerReport, slots: Int = 0) -> ServerListing {
    let membership = server.memberships[0]
    var listing = Self.server(server.name, server.address, slots: slots, state: membership.state.rawValue)
    (listing.pool, listing.since, listing.by) = (membership.pool, membership.since, membership.by)
    (listing.reason, listing.ramp, listing.checks) = (membership.reason, membership.ramp, server.checks)
    return listing
  }

  @Test func `says why a server is not plainly up`() {
    let down = Self.known(ServerExamples.failing)
    let drain = Self.known(ServerExamples.draining)
    let slow = Self.known(ServerExamples.server("b1", [ServerExamples.membership(ramp: 30)]), slots: 100)
    let lines = Self.listing([down, drain, slow]).text(at: ServerExamples.now).split(separator: "\n").dropFirst(4)
    #expect(
      lines.joined(separator: "\n") == """
          -> a2 10.1.0.11                  ipip         1   0.0% down          0      0
               down: check web: full-size: 1480 bytes not answered, small ones are
                 (2 min ago)
               check web: direct answers, tunnel does not: run 'culvert real doctor' on
                 a2
               check web flaps: up again only after 8 good answers in a row
          -> a1 10.1.0.11                  ipip         1   0.0% drain         0      0
               drain by root: kernel upgrade (2 min ago)
          -> b1 10.1.0.11                  ipip         1   0.2% up            0      0
               starts slowly: 30% of its weight counts
        """)
  }

  @Test func `groups servers by their pools`() {
    func listing(_ pools: [PoolReport], allDown: String? = nil) -> ArraySlice<Substring> {
      let near = Self.known(ServerExamples.server("a1", [ServerExamples.membership()]), slots: 40)
      let far = Self.known(ServerExamples.server("b1", [ServerExamples.membership(.standby, pool: "far")]))
      let gone = Self.server(nil, "10.9.0.1", slots: 0, state: "drain")
      var listing = Self.listing([far, gone, near])
      listing.services[0].pools = pools
      listing.services[0].allDown = allDown
      return listing.text(at: ServerExamples.now).split(separator: "\n").dropFirst(4)
    }
    let near = PoolReport(name: "near", up: 50, isShort: true, share: 40)
    let far = PoolReport(name: "far", up: 100, isShort: false, share: 60)
    #expect(
      listing([near, far]).joined(separator: "\n") == """
          near: 50% up, short, takes 40%
          -> a1 10.1.0.11                  ipip         1   0.1% up            0      0
          far: 100% up, takes 60%
          -> b1 10.1.0.11                  ipip         1   0.0% standby       0      0
          in no pool any more
          -> 10.9.0.1                      ipip         1   0.0% drain         0      0
        """)
    #expect(listing([near]).count == 3)
    #expect(listing([near], allDown: "reset").first == "  nobody is up: new flows are reset")
  }

  @Test func `has these keys in JSON`() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let listing = Self.listing([Self.server("a1", "10.1.0.11", slots: 65_537)], verdicts: ["noServer": 1])
    #expect(
      String(decoding: try encoder.encode(listing), as: UTF8.self) == """
        {
          "engine" : "kernel",
          "interface" : "eth0",
          "process" : 4711,
          "services" : [
            {
              "address" : "203.0.113.80",
              "name" : "web",
              "pools" : [

              ],
              "port" : "80",
              "protocol" : "tcp",
              "scheduler" : "maglev",
              "servers" : [
                {
                  "address" : "10.1.0.11",
                  "bytes" : 420,
                  "encapsulation" : "ipip",
                  "flows" : 1,
                  "name" : "a1",
                  "packets" : 7,
                  "rates" : {
                    "bytes" : 0,
                    "flows" : 0,
                    "packets" : 0
                  },
                  "reachable" : true,
                  "site" : "A",
                  "slots" : 65537,
                  "state" : "up",
                  "weight" : 1
                }
              ],
              "table" : "8d6f1f2a00c0ffee",
              "unsettled" : 12,
              "verdicts" : {
                "noServer" : 1
              }
            }
          ],
          "verdicts" : {

          }
        }
        """)
  }
}
