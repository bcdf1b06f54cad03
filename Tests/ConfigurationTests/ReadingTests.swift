// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import DataPlane
import Testing
import Wire

@Suite struct `Reading a configuration` {
  private let a1 = RealServer(
    name: "a1", address: .v4(IPv4Address(bits: 0x0A01_000B)), encapsulation: .ipip, site: "A")
  private let a2 = RealServer(
    name: "a2", address: .v4(IPv4Address(bits: 0x0A01_000C)), encapsulation: .ipip, site: "A")
  private let b1 = RealServer(
    name: "b1", address: .v4(IPv4Address(bits: 0x0A02_000B)), encapsulation: .gre, site: "B",
    administrativeState: .drain)

  @Test func `the example means what it says`() throws {
    let (configuration, warnings) = try DirectorConfiguration.read(text: Example.text, file: "c.yaml")
    let web = Service(
      name: "web", address: .v4(IPv4Address(bits: 0xCB00_7150)), port: 80, transportProtocol: .tcp,
      tracking: .transitions, idleTimeout: .seconds(900), drainTimeout: .seconds(5_400),
      members: [Member(server: a1), Member(server: a2, weight: 3), Member(server: b1)])
    let dns = Service(
      name: "dns", address: .v4(IPv4Address(bits: 0xCB00_7135)), port: 53, transportProtocol: .udp, tracking: .none,
      idleTimeout: .seconds(900), drainTimeout: .seconds(3_600), members: [Member(server: a1)])
    #expect(
      configuration
        == DirectorConfiguration(
          interface: "eth0", engine: .kernel, sources: [IPPrefix("192.0.2.10")].compactMap(\.self),
          servers: [a1, a2, b1],
          services: [web, dns]))
    #expect(warnings.isEmpty)
  }

  @Test func `what is left out has its default`() throws {
    let text = """
      director: { interface: eth0 }
      servers: { a1: { address: 10.1.0.11 } }
      services: { web: { address: 203.0.113.80, port: 80, servers: [a1] } }
      """
    let configuration = try DirectorConfiguration.read(text: text, file: "c.yaml").configuration
    #expect(configuration.engine == .kernel)
    #expect(configuration.limits == RateLimits())
    #expect(configuration.policies.isEmpty)
    #expect(configuration.sources.isEmpty)
    #expect(configuration.servers.first?.site == nil)
    #expect(configuration.servers.first?.outer == OuterHeader(.ipip))
    #expect(configuration.servers.first?.administrativeState == .up)
    let web = try #require(configuration.services.first)
    #expect(web.match.transportProtocol == .tcp)
    #expect(web.tracking == .transitions)
    #expect(web.affinity == .flow)
    #expect(!web.hashesFragments)
    #expect(web.idleTimeout == .seconds(900))
    #expect(web.drainTimeout == .seconds(3_600))
    #expect(web.members.map(\.weight) == [1])
  }

  @Test func `a server in no service is a warning`() throws {
    let text = Example.with("- b1", "")
      .replacing("          \n", with: "")
    let (configuration, warnings) = try DirectorConfiguration.read(text: text, file: "c.yaml")
    #expect(configuration.servers.map(\.name) == ["a1", "a2", "b1"])
    #expect(warnings.map(\.description) == [#"c.yaml:8:3: server "b1" is in no service"#])
  }

  @Test func `all problems are told at once, in the order of the file`() {
    let text = Example.with("203.0.113.53", "somewhere").replacing("a2: { address", with: "a2: { adress")
      .replacing("- b1", with: "- c1").replacing("port: 80", with: "port: http")
    #expect(
      problems(in: text) == [
        #"c.yaml:7:3: server "a2" has no "address""#,
        #"c.yaml:7:9: unknown key "adress" in server "a2"; did you mean "address"?"#,
        """
        c.yaml:12:11: "port" of service "web" must be a number from 1 to 65535, a range such as 8000-8099, \
        or all, not "http"
        """,
        #"c.yaml:20:9: unknown server "c1" in service "web"; did you mean "a1"?"#,
        """
        c.yaml:22:14: "address" of service "dns" must be an address such as 192.0.2.1 or 2001:db8::1, not \
        "somewhere"; names are not looked up
        """,
      ])
  }
}
