// SPDX-License-Identifier: MIT
import Control
import Health
import Synchronization
import TestSupport
import Testing

@testable import Commands

@Suite struct `culvert server` {
  @Test func `lists who does what, since when, on whose word, and why`() {
    let starting = ServerExamples.server("b1", [ServerExamples.membership(ramp: 30)])
    #expect(
      ServerList.text([ServerExamples.draining, ServerExamples.failing, starting], at: ServerExamples.now) == """
        NAME  ADDRESS    SITE  STATE  SINCE  BY         WHY
        a1    10.1.0.11  A     drain  2 min  root       kernel upgrade
        a2    10.1.0.11  A     down   2 min  check web  full-size: 1480 bytes not answe…
        b1    10.1.0.11  A     up     2 min  check web
        """)
  }

  @Test func `lists a server once for all services in which it does the same`() {
    let memberships = [
      ServerExamples.membership(.up, in: "web"), ServerExamples.membership(.up, in: "dns"),
      ServerExamples.membership(.standby, in: "mail", by: "pool near"),
    ]
    let lines = ServerList.text([ServerExamples.server("a1", memberships)], at: ServerExamples.now).split(
      separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[1].hasSuffix("up       2 min  check web  in web, dns"))
    #expect(lines[2].hasSuffix("standby  2 min  pool near  in mail"))
  }

  @Test func `lists within 80 columns, whatever the names`() {
    let long = String(repeating: "long-name-", count: 6)
    let server = ServerReport(
      name: long, address: "2001:db8:1111:2222:3333:4444:5555:6666", site: long, override: nil,
      memberships: [ServerExamples.membership(.maintenance, by: long, reason: long)], checks: [])
    let text = ServerList.text([server], at: ServerExamples.now)
    #expect(text.split(separator: "\n").filter { $0.count > 80 } == [])
  }

  @Test func `shows all that is known of one`() {
    #expect(
      ServerExamples.draining.text(at: ServerExamples.now) == """
        name      a1
        address   10.1.0.11
        site      A
        operator  drain, weight 5 in web by root: kernel upgrade (5 min ago)

        SERVICE  POOL     STATE  WEIGHT  SLOTS  LEFT  FLOWS
        web      near     drain       5      0    12      3
        dns      servers  drain       1      0     0      0

        web: drain by root: kernel upgrade (2 min ago)
        dns: drain by root: kernel upgrade (2 min ago)

        check web of 203.0.113.80:80: up for 2 min, 60 in a row, 0.4 ms
        """)
  }

  @Test func `shows failures as they were seen`() {
    #expect(
      ServerExamples.failing.text(at: ServerExamples.now).split(separator: "\n\n").last == """
        check web of 203.0.113.80:80: down for 2 min, 60 in a row, 0.4 ms
          ways         direct answers, tunnel does not
          flapping     up again only after 8 good answers in a row
          last failure 2026-09-21T14:11:20Z full-size: 1480 bytes not answered, small
                       ones are (tunnel)
          history      2026-09-21T14:08:20Z success
                       2026-09-21T14:11:20Z full-size: 1480 bytes not answered, small
                       ones are (tunnel)
        """)
  }

  @Test(arguments: [
    (ServerExamples.draining, "a1: drain in web (12 slots left), drained in dns"),
    (ServerExamples.failing, "a2: down in web"),
    (
      ServerExamples.server("a1", [ServerExamples.membership(weight: 5, ramp: 30)]),
      "a1: up in web with weight 30% of 5"
    ),
    (ServerExamples.server("a1"), "a1: in no service"),
  ])
  func `says in a line what came of a change`(_ server: ServerReport, _ line: String) {
    #expect(server.summary == line)
  }

  @Test(
    arguments: [
      (["drain", "a1", "--reason", "kernel upgrade"], .setState(server: "a1", .drain, reason: "kernel upgrade")),
      (["ready", "a1"], .setState(server: "a1", nil, reason: "")),
      (["maintenance", "a1", "--reason", "disks"], .setState(server: "a1", .maintenance, reason: "disks")),
      (["weight", "a1", "5"], .setWeight(server: "a1", service: nil, 5, reason: "")),
      (["weight", "a1", "default", "--service", "web"], .setWeight(server: "a1", service: "web", nil, reason: "")),
    ] as [([String], ControlRequest)])
  func `asks the director`(_ words: [String], _ request: ControlRequest) throws {
    let director = try TalkingDirector { $0.changes ? .done : .server(ServerExamples.draining) }
    let ending = try director.culvert(["server"] + words)
    #expect(ending == Ending(status: 0, output: "\(ServerExamples.draining.summary)\n", errors: ""))
    #expect(director.asked == [request, .server("a1")])
  }

  @Test func `prints what the API has as JSON`() throws {
    let director = try TalkingDirector { _ in .servers([ServerExamples.failing]) }
    let ending = try director.culvert("server", "list", "--json")
    #expect(ending.status == 0)
    #expect(ending.output.contains("\"roundTripMilliseconds\" : 0.42"))
  }

  @Test func `waits until no flow is left`() throws {
    let left = Mutex(3)
    let director = try TalkingDirector { request in
      if request.changes { return .done }
      let slots = left.withLock { slots in
        defer { slots = max(0, slots - 1) }
        return slots
      }
      return .server(ServerExamples.server("a1", [ServerExamples.membership(.drain, by: "root", left: slots)]))
    }
    let ending = try director.culvert("server", "drain", "a1", "--wait", "--timeout", "60s")
    #expect(ending == Ending(status: 0, output: "a1: drained in web\n", errors: ""))
    #expect(director.asked.count == 5)
  }

  @Test func `says how many flows are left when time is up`() throws {
    let director = try TalkingDirector { $0.changes ? .done : .server(ServerExamples.draining) }
    let ending = try director.culvert("server", "drain", "a1", "--wait", "--timeout", "1s")
    #expect(ending.status == 1)
    #expect(
      ending.errors == """
        Error: 12 unsettled slots and 3 remembered flows left after 1s: a1 goes on draining

        """)
  }

  @Test func `hands on what the director says`() throws {
    let director = try TalkingDirector { _ in .notFound("there is no server \"b9\"; did you mean \"b1\"?") }
    let ending = try director.culvert("server", "show", "b9")
    #expect(ending.status == 1)
    #expect(ending.errors.hasPrefix("Error: there is no server \"b9\"; did you mean \"b1\"?"))
  }

  @Test func `says that no director runs`() throws {
    let empty = try TemporaryDirectory()
    let ending = try culvert("server", "list", "--state-directory", empty.path)
    #expect(ending.status == 1)
    #expect(
      ending.errors == "Error: no director runs here: \(empty.path) holds none; start one with culvert run\n")
  }

  @Test func `says that the director has ended`() throws {
    let director = try TalkingDirector { _ in .done }
    director.server.stop()
    let ending = try director.culvert("server", "list")
    #expect(ending.status == 1)
    #expect(ending.errors.hasSuffix("/eth0/socket: it does not run; start culvert run\n"))
  }

  @Test(arguments: [
    ["weight", "a1", "0"], ["weight", "a1", "65536"], ["weight", "a1", "none"], ["drain"],
    ["drain", "a1", "--wait", "--timeout", "10"], ["drain", "a1", "--timeout", "1y"],
  ])
  func `refuses what makes no sense`(_ words: [String]) throws {
    #expect(try ChildProcess.culvert(["server"] + words).ending().status == 64)
  }
}

extension ControlRequest {
  var changes: Bool {
    switch self {
    case .setState, .setWeight, .reload: true
    case .director, .servers, .server, .services: false
    }
  }
}
