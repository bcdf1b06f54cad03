// SPDX-License-Identifier: MIT
import Configuration
import Control
import Health
import TestSupport
import Testing

@testable import Commands

@Suite struct `culvert failover` {
  /// Two sites that a service uses alike, and a pool that stands by.
  static let configuration = """
    director: { interface: eth0, engine: userspace, source: 192.0.2.10 }
    servers:
      a1: { address: 10.1.0.11, site: A }
      a2: { address: 10.1.0.12, site: A }
      b1: { address: 10.2.0.11, site: B }
    services:
      web: { address: 203.0.113.80, port: 80, servers: [a1, a2, b1] }
      dns: { address: 203.0.113.53, port: 53, protocol: udp, servers: [b1] }

    """

  private static func failover(_ words: String...) throws -> Ending {
    let directory = try TemporaryDirectory()
    let file = try directory.write(configuration, to: "culvert.yaml")
    return try ChildProcess.culvert(["failover", "--config", file] + words).ending()
  }

  @Test func `says who would take over, and who could not`() throws {
    let ending = try Self.failover("--simulate", "--down", "site=B")
    #expect(ending.status == 0)
    #expect(
      ending.output == """
        With site=B down:

        web: 33.3% of new flows would go elsewhere
          SERVER  SITE  POOL     BEFORE  AFTER
          a1      A     servers   33.3%  50.0%
          a2      A     servers   33.3%  50.0%
          b1      B     servers   33.3%   0.0%

        dns: 100.0% of new flows would go elsewhere
          nobody would be up: new flows are dropped
          SERVER  SITE  POOL     BEFORE  AFTER
          b1      B     servers  100.0%   0.0%

        """)
  }

  @Test(arguments: [
    (["--simulate", "--down", "site=C"], "there is no site \"C\"; did you mean \"A\"?"),
    (["--simulate", "--down", "site=Berlin"], "there is no site \"Berlin\"; there are: A, B"),
    (["--simulate", "--down", "site=A", "--down", "server=b3"], "there is no server \"b3\"; did you mean \"b1\"?"),
  ])
  func `refuses names that there are not`(_ words: [String], _ sentence: String) throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write(Self.configuration, to: "culvert.yaml")
    let ending = try ChildProcess.culvert(["failover", "--config", file] + words).ending()
    #expect(ending == Ending(status: 1, output: "", errors: "Error: \(sentence)\n"))
  }

  @Test(arguments: [
    (["--down", "site=B"], "only --simulate exists"), (["--simulate"], "say what is down"),
    (["--simulate", "--down", "B"], "'B' is invalid"),
  ])
  func `refuses what makes no sense`(_ words: [String], _ sentence: String) throws {
    let ending = try ChildProcess.culvert(["failover", "--config", "/dev/null"] + words).ending()
    #expect(ending.status == 64)
    #expect(ending.errors.contains(sentence))
  }

  /// With a1 in maintenance, and a2 down.
  @Test func `counts with what the director knows`() throws {
    let (configuration, _) = try DirectorConfiguration.read(text: Self.configuration, file: "culvert.yaml")
    let maintenance = ServerOverride(state: .maintenance, by: "root", at: ServerExamples.now, reason: "")
    let runtime = RuntimeState(
      written: ServerExamples.now, overrides: ["a1": maintenance],
      servers: [
        ServerExamples.server("a1", override: maintenance, [ServerExamples.membership(.maintenance, by: "root")]),
        ServerExamples.server("a2", [ServerExamples.membership(.down)]),
        ServerExamples.server("b1", [ServerExamples.membership(ramp: 10)]),
      ], services: [])
    let report = FailoverReport(
      FailoverScenario(configuration: configuration, runtime: runtime), [.server("b1")])
    #expect(report.services[0].servers.map(\.before) == [0, 0, 100])
    #expect(report.services[0].servers.map(\.after) == [0, 0, 0])
    #expect(report.services.map(\.allDown) == ["drop", "drop"])
  }
}
