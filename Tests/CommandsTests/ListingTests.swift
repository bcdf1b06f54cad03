// SPDX-License-Identifier: MIT
import DataPlane
import FoundationEssentials
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
      listing.text == """
        culvert director on eth0, kernel engine, process 4711
        Prot VirtualAddress:Port   Scheduler Table            Unsettled Service
          -> RealServer                      Forward Weight  Share State   Flow/s  Pkt/s
        TCP  203.0.113.80:80       maglev    8d6f1f2a00c0ffee 12        web
          -> a1 10.1.0.11                    ipip         1  50.0% up       12.3k   123k
          -> b1 10.2.0.11                    ipip         1  50.0% drain!       3     34
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
    let lines = Self.listing(engine: engine, process: nil, []).text.split(separator: "\n")
    #expect(lines.prefix(2) == ["culvert director on eth0, \(engine) engine, no process", warning[...]])
  }

  @Test func `fits 80 columns, whatever the names and numbers`() {
    let name = String(repeating: "long-name-", count: 6)
    let verdicts = Dictionary(uniqueKeysWithValues: Verdict.allCases.map { ("\($0)", UInt64.max) })
    let server = Self.server(
      name, "255.255.255.255", slots: slotCount, state: "drain", reachable: false, rate: 1.5e12)
    let text = Self.listing(engine: "userspace", [server], name: name, verdicts: verdicts, rest: verdicts).text
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
