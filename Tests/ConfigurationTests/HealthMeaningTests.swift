// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import Health
import Testing
import Wire

@Suite struct `The meaning of health checks and pools` {
  /// The configuration of a check `c`, and of a service of port 80 with what `service` says besides.
  private func read(
    check: String = "type: icmp", service: String = "servers: [a1]", director: String = "interface: eth0"
  ) throws -> DirectorConfiguration {
    let text = """
      director: { \(director) }
      checks: { c: { \(check) } }
      servers: { a1: { address: 10.1.0.11, site: A }, a2: { address: 10.1.0.12 }, b1: { address: 10.2.0.11, site: B } }
      services: { web: { address: 203.0.113.80, port: 80, check: c, \(service) } }
      """
    return try DirectorConfiguration.read(text: text, file: "c.yaml").configuration
  }

  private func check(_ text: String) throws -> HealthCheck {
    try #require(read(check: text).checks.first)
  }

  @Test func `what is left out has a default`() throws {
    #expect(try check("type: tcp") == HealthCheck(name: "c", question: .tcp))
    let configuration = try read()
    #expect(configuration.probesPerSecond == 5_000)
    #expect(configuration.socket == SocketAccess(group: nil, mode: 0o600))
    let service = try #require(configuration.services.first)
    #expect(service.checks == ["c"])
    #expect(service.pools.map(\.name) == [Service.onlyPool])
    #expect(service.whenAllDown == .drop && service.whenShort == .overflow && service.slowStart == .zero)
  }

  @Test(
    arguments: [
      ("type: http", .http(HTTPQuestion())),
      (
        "type: http, method: HEAD, target: /x?y=1, host: h:8080, status: 204",
        .http(HTTPQuestion(method: "HEAD", target: "/x?y=1", host: "h:8080", status: [204...204]))
      ),
      (
        #"type: http, headers: { B: "2", A: "" }, status: [200-299, 304], body: "a\nb""#,
        .http(
          HTTPQuestion(
            headers: [HTTPQuestion.Header(name: "B", value: "2"), HTTPQuestion.Header(name: "A", value: "")],
            status: [200...299, 304...304], body: "a\nb"))
      ),
      (
        "type: https, server-name: a.example, verify: true",
        .https(HTTPQuestion(), TLSQuestion(serverName: "a.example", verifies: true))
      ),
      ("type: tls", .tls(TLSQuestion())),
      ("type: dns, name: a.example, port: 53", .dns(DNSQuestion(name: "a.example"))),
      (
        "type: dns, name: ., port: 53, record: ns, answer: a.root-servers.net.",
        .dns(DNSQuestion(name: ".", type: .ns, answer: "a.root-servers.net."))
      ),
      ("type: icmp", .echo),
      (#"type: command, command: [/bin/x, "", a b]"#, .command(["/bin/x", "", "a b"])),
    ] as [(String, HealthCheck.Question)])
  func `a check has a question`(text: String, question: HealthCheck.Question) throws {
    #expect(try check(text).question == question)
  }

  @Test func `a check has a way, a size and times`() throws {
    let found = try check(
      "type: tcp, path: both, port: 8080, full-size: 1400, interval: 1s500ms, timeout: 20ms, rise: 1, fall: 100")
    #expect(
      found
        == HealthCheck(
          name: "c", question: .tcp, path: .both, port: 8_080, fullSize: .bytes(1_400),
          interval: .milliseconds(1_500), timeout: .milliseconds(20), rise: 1, fall: 100))
    #expect(try check("type: icmp, full-size: off").fullSize == .off)
    #expect(try check("type: tcp, interval: 300ms").timeout == .milliseconds(300))
    #expect(try check("type: command, command: [/bin/x]").fullSize == .off)
  }

  @Test(arguments: [
    ("socket: { mode: 666 }", SocketAccess(mode: 0o666)),
    ("socket: { group: g }", SocketAccess(group: "g", mode: 0o660)),
    ("socket: { group: g, mode: 600 }", SocketAccess(group: "g", mode: 0o600)),
  ])
  func `a socket has a group and a mode`(text: String, access: SocketAccess) throws {
    #expect(try read(director: "interface: eth0, \(text), probes-per-second: 9").socket == access)
  }

  @Test func `pools have names, limits, sites and an order`() throws {
    let configuration = try read(
      service: """
        slow-start: 1m, when-short: takeover, all-down: fail-open, pools: [ { servers: [a1, a2], threshold: 50%, \
        site-weights: { A: 3 } }, { name: far, servers: [{ name: b1, weight: 2 }], recovery: 5%, last-resort: true } ]
        """)
    let service = try #require(configuration.services.first)
    #expect(service.slowStart == .seconds(60))
    #expect(service.whenShort == .takeover)
    #expect(service.whenAllDown == .failOpen)
    let members = configuration.servers.map { Member(server: $0, weight: $0.name == "b1" ? 2 : 1) }
    #expect(
      service.pools == [
        Pool(name: "pool 1", members: [members[0], members[1]], threshold: 50, recovery: 50, siteWeights: ["A": 3]),
        Pool(name: "far", members: [members[2]], recovery: 5, isLastResort: true),
      ])
  }

  @Test func `one pool without settings is printed as servers`() throws {
    #expect(try read(service: "pools: [{ name: servers, servers: [a1] }]") == read())
    let yaml = try read(service: "pools: [{ servers: [a1] }]").yaml
    #expect(yaml.contains("    pools:\n      - threshold: 0%\n        recovery: 0%\n        last-resort: false\n"))
  }
}
