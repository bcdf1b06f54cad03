// SPDX-License-Identifier: MIT
import Netlink
import SystemPackage
import Testing
import Wire

@testable import Provisioning

struct `The journal of a real server` {
  private func journal() throws -> Journal {
    let request = RealServerRequest(
      virtualAddresses: [try prefix("203.0.113.80")], directors: [try prefix("192.0.2.10")], interface: "eth0.7",
      key: 7, bpffs: "/sys/fs/bpf")
    let arrangement = RealServerArrangement(
      request: request, decapsulation: .bpf, endpoints: [try ip("10.1.0.11")], loosensReversePathFilter: true)
    let link = TunnelLink(
      name: "culvert0", tunnelProtocol: .gre, local: try ip("10.1.0.11"), remote: try ip("192.0.2.10"), key: 7)
    let inUDP = TunnelLink(
      name: "culvert1", tunnelProtocol: .gue, payload: .any, local: try ip("2001:db8::11"),
      remote: try ip("2001:db8::10"), port: 6080)
    let setting = InterfaceSetting(interface: "eth0.7", name: "rp_filter", value: 2, previous: "1")
    return Journal(
      namespace: 4_026_531_833, arrangement: arrangement,
      changes: [
        .port(TunnelPort(outer: .v6, port: 6080)), .tunnel(link), .tunnel(inUDP), .setting(setting),
        .route(LinkRoute(destination: try prefix("10.8.0.0/16"), link: "culvert0")),
        .address(LinkAddress(prefix: try prefix("203.0.113.80/32"), link: "lo", scope: .host)),
        .decapsulator(arrangement.attachedDecapsulator),
        .filter(
          TunnelFilter(
            tunnels: ["culvert0"], virtualAddresses: request.virtualAddresses, directors: request.directors, port: 6080)
        ),
        .returnRoutes(
          ReturnRoutes(
            version: .v6, maximumSegment: 1400,
            routes: [
              ReturnRoute(
                destination: try prefix("::/0"), hops: [.init(gateway: try ip("fe80::1"), link: "eth0")],
                priority: 1024,
                advertisedMSS: 1400)
            ])),
        .rule(SourceRule(source: try prefix("203.0.113.80"))),
        .boot(BootUnit(directory: "/u", command: ["/usr/bin/culvert"], stateDirectory: "/run/culvert")),
      ])
  }

  @Test func `every change comes back as it was written`() throws {
    let journal = try journal()
    #expect(try Journal(text: journal.text(), file: "real.json") == journal)
  }

  @Test func `a file is written, read and removed with the last change`() throws {
    try inTemporaryDirectory { directory in
      let file = JournalFile(directory: FilePath(directory).appending("a/b"))
      #expect(try file.read() == nil)
      var journal = try journal()
      try file.locked { try file.write(journal) }
      #expect(try file.read() == journal)
      journal.changes = []
      try file.write(journal)
      #expect(try file.read() == nil)
      try file.write(journal)
    }
  }

  @Test func `two processes do not write at once`() throws {
    try inTemporaryDirectory { directory in
      let file = JournalFile(directory: FilePath(directory))
      try file.locked {
        let error = #expect(throws: (any Error).self) { try file.locked {} }
        #expect("\(error as Any)".contains("held by process"))
      }
      try file.locked {}
    }
  }

  @Test(arguments: ["", "{", "[]", #"{"format":1}"#, "\u{0}"])
  func `a damaged file is refused by its name`(text: String) throws {
    let error = #expect(throws: ProvisioningError.self) { try Journal(text: text, file: "/run/culvert/real.json") }
    #expect(error?.description.hasPrefix("/run/culvert/real.json is no journal of this version of Culvert") == true)
  }

  @Test func `another format is refused by its number`() throws {
    var journal = try journal()
    journal.format = 1
    let text = try journal.text()
    let error = #expect(throws: ProvisioningError.self) { try Journal(text: text, file: "real.json") }
    #expect(error?.description == "real.json has format 1, and this version of Culvert reads 2")
  }
}
