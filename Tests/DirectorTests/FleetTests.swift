// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import Control
import DataPlane
import Health
import HealthChecking
import TestSupport
import Testing
import Wire

@testable import Director

struct `A fleet` {
  /// Two sites; `web` is checked, and starts slowly if that is wanted.
  static func configuration(slowStart: Duration = .zero, allDown: AllDownAnswer = .drop) -> DirectorConfiguration {
    func server(_ name: String, _ address: IPv4Address, _ site: String) -> RealServer {
      RealServer(name: name, address: .v4(address), encapsulation: .ipip, site: site)
    }
    let servers = [
      server("a1", "10.1.0.11", "A"), server("a2", "10.1.0.12", "A"), server("b1", "10.2.0.11", "B"),
    ]
    let pools = [
      Pool(name: "near", members: servers.prefix(2).map { Member(server: $0) }, threshold: 50),
      Pool(name: "far", members: [Member(server: servers[2])]),
    ]
    let service = Service(
      name: "web", match: ServiceMatch(address: .v4("203.0.113.80"), port: 80, transportProtocol: .tcp),
      tracking: .transitions, idleTimeout: .seconds(10), drainTimeout: .seconds(60), pools: pools,
      whenShort: .takeover, whenAllDown: allDown, slowStart: slowStart, checks: ["alive"])
    return DirectorConfiguration(
      interface: "eth0", servers: servers, services: [service],
      checks: [HealthCheck(name: "alive", question: .tcp)])
  }

  private static let start = Moment(timestamp: Timestamp(milliseconds: 1_000), instant: .now)

  private static func moment(_ seconds: Int) -> Moment {
    Moment(
      timestamp: Timestamp(milliseconds: 1_000 + Int64(seconds) * 1000), instant: start.instant + .seconds(seconds))
  }

  private func fleet(
    _ configuration: DirectorConfiguration = configuration(), _ runtime: RuntimeState? = nil,
    serving: Set<Fleet.MemberName> = []
  ) -> Fleet {
    Fleet(configuration, runtime, serving: serving, Self.start)
  }

  private func target(_ server: String) -> CheckTarget.Identity {
    CheckTarget.Identity(check: "alive", server: server, virtualAddress: .v4("203.0.113.80"), port: 80)
  }

  private func health(_ isUp: Bool, _ failure: CheckFailure? = nil) -> TargetHealth {
    let event = failure.map { TargetHealth.Event(at: Self.start.timestamp, failure: $0) }
    return TargetHealth(
      isUp: isUp, since: Self.start.timestamp, streak: 1, lastFailure: event, history: event.map { [$0] } ?? [])
  }

  private func states(_ fleet: Fleet) -> [String: MemberState] {
    Dictionary(uniqueKeysWithValues: fleet.standings.map { ($0.key.server, $0.value.state) })
  }

  @Test func `has a new server down until its first success`() {
    var fleet = fleet()
    _ = fleet.select(Self.start)
    #expect(states(fleet) == ["a1": .down, "a2": .down, "b1": .down])
    #expect(fleet.standings.values.allSatisfy { $0.reason == "not checked yet" && $0.by == "check alive" })
    fleet.record(health(true), of: target("a1"))
    let events = fleet.select(Self.moment(1))
    #expect(states(fleet) == ["a1": .up, "a2": .down, "b1": .down])
    #expect(events.contains { $0.kind == .state && $0.server == "a1" && $0.text == "down -> up (check alive)" })
  }

  @Test func `hands over to the next pool, and says so`() {
    var fleet = fleet()
    for server in ["a1", "a2", "b1"] { fleet.record(health(true), of: target(server)) }
    _ = fleet.select(Self.start)
    #expect(states(fleet) == ["a1": .up, "a2": .up, "b1": .standby])
    #expect(fleet.standings[Fleet.MemberName(service: "web", server: "b1")]?.reason == "pool near takes new flows")
    for server in ["a1", "a2"] {
      fleet.record(health(false, CheckFailure(.timeout, "nothing came back in 300 ms")), of: target(server))
    }
    let events = fleet.select(Self.moment(1))
    #expect(states(fleet) == ["a1": .down, "a2": .down, "b1": .up])
    #expect(
      fleet.standings[Fleet.MemberName(service: "web", server: "a1")]?.reason == "timeout: nothing came back in 300 ms")
    #expect(events.contains { $0.kind == .pool && $0.text == "pool near: 0 % up, short, takes 0 % of new flows" })
    #expect(events.contains { $0.kind == .pool && $0.text == "pool far: 100 % up, takes 100 % of new flows" })
  }

  @Test func `does what an operator says, and remembers who and why`() throws {
    var fleet = fleet()
    for server in ["a1", "a2", "b1"] { fleet.record(health(true), of: target(server)) }
    _ = fleet.select(Self.start)
    let word = ServerOverride(state: .drain, by: "ada", at: Timestamp(milliseconds: 5), reason: "new kernel")
    fleet.override("a1", word)
    _ = fleet.select(Self.moment(1))
    let standing = try #require(fleet.standings[Fleet.MemberName(service: "web", server: "a1")])
    #expect(
      standing == Standing(state: .drain, since: Timestamp(milliseconds: 5), by: "ada", reason: "new kernel"))
    // It outlives a restart.
    let runtime = RuntimeState(written: Self.start.timestamp, overrides: fleet.overrides, servers: [], services: [])
    var next = self.fleet(Self.configuration(), runtime)
    #expect(next.overrides["a1"] == word)
    next.override("a1", nil)
    #expect(next.overrides.isEmpty)
  }

  @Test func `goes on with members that the tables have serving`() {
    var fleet = fleet(
      Self.configuration(slowStart: .seconds(10)), serving: [Fleet.MemberName(service: "web", server: "a1")])
    _ = fleet.select(Self.start)
    #expect(states(fleet)["a1"] == .up)
    #expect(fleet.nextStep(after: Self.start.instant) == nil)
    #expect(!fleet.isChecked)
  }

  @Test func `starts a server slowly that comes back, and not all at the beginning`() throws {
    let configuration = Self.configuration(slowStart: .seconds(10))
    var fleet = fleet(configuration)
    for server in ["a1", "a2", "b1"] { fleet.record(health(true), of: target(server)) }
    _ = fleet.select(Self.start)
    #expect(fleet.nextStep(after: Self.start.instant) == nil)
    fleet.record(health(false), of: target("a1"))
    _ = fleet.select(Self.moment(1))
    fleet.record(health(true), of: target("a1"))
    _ = fleet.select(Self.moment(2))
    #expect(fleet.nextStep(after: Self.moment(2).instant) == Self.moment(4).instant)
    let weights = try weights(fleet)
    let (a1, a2) = (try #require(weights["a1"]), try #require(weights["a2"]))
    #expect(abs(a1 * 10 - a2) <= 10, "a tenth, rounded")
    _ = fleet.select(Self.moment(12))
    #expect(fleet.nextStep(after: Self.moment(12).instant) == nil)
    #expect(try self.weights(fleet) == ["a1": 1, "a2": 1])
  }

  @Test func `goes on with a slow start where an earlier run was`() throws {
    let membership = MembershipReport(
      service: "web", pool: "near", state: .up, since: Self.start.timestamp, by: "check alive", reason: "", weight: 1,
      ramp: 40, slots: 1, remainingSlots: 0, rememberedFlows: 0)
    let report = ServerReport(
      name: "a1", address: "10.1.0.11", site: "A", override: nil, memberships: [membership], checks: [])
    let runtime = RuntimeState(written: Self.start.timestamp, overrides: [:], servers: [report], services: [])
    let serving = ["a1", "a2"].map { Fleet.MemberName(service: "web", server: $0) }
    var fleet = fleet(Self.configuration(slowStart: .seconds(10)), runtime, serving: Set(serving))
    _ = fleet.select(Self.start)
    #expect(fleet.nextStep(after: Self.start.instant) == Self.moment(1).instant)
    let (a1, a2) = (try #require(weights(fleet)["a1"]), try #require(weights(fleet)["a2"]))
    #expect(abs(a1 * 10 - a2 * 4) <= 10, "four tenths, rounded")
  }

  private func weights(_ fleet: Fleet) throws -> [String: Int] {
    let service = try #require(fleet.selected.first?.service)
    let serving = service.members.filter { $0.part == .serving }
    return Dictionary(uniqueKeysWithValues: serving.map { ($0.server.name, $0.weight) })
  }

  @Test func `checks a server once for all services that share the check`() {
    var configuration = Self.configuration()
    configuration.checks[0].port = 80
    var other = configuration.services[0]
    other.name = "web-tls"
    other.match = ServiceMatch(address: .v4("203.0.113.80"), port: 443, transportProtocol: .tcp)
    configuration.services.append(other)
    let fleet = fleet(configuration)
    #expect(fleet.targets.map(\.server.name) == ["a1", "a2", "b1"])
  }

  @Test func `keeps what checks found through a reload, and forgets servers that are gone`() {
    var fleet = fleet()
    for server in ["a1", "a2", "b1"] { fleet.record(health(true), of: target(server)) }
    fleet.override("b1", ServerOverride(state: .maintenance, by: "ada", at: Self.start.timestamp, reason: ""))
    var configuration = Self.configuration()
    configuration.servers.removeLast()
    configuration.services[0].pools.removeLast()
    fleet.configure(configuration)
    #expect(fleet.overrides.isEmpty)
    #expect(Set(fleet.health.keys.map(\.server)) == ["a1", "a2"])
    _ = fleet.select(Self.start)
    #expect(states(fleet) == ["a1": .up, "a2": .up])
  }

  @Test func `fails open, and says so`() {
    var fleet = fleet(Self.configuration(allDown: .failOpen))
    for server in ["a1", "a2", "b1"] {
      fleet.record(health(false, CheckFailure(.refused, "reset")), of: target(server))
    }
    _ = fleet.select(Self.start)
    #expect(states(fleet) == ["a1": .up, "a2": .up, "b1": .up])
    #expect(fleet.standings.values.allSatisfy { $0.by == "all-down" })
  }
}
