// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Health
import HealthChecking
import Linux
import Synchronization
import TestSupport
import Testing
import Wire

/// What a checker makes of its targets as they come and go.
@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct CheckerTests {
  private func wait(_ what: String, _ condition: () -> Bool) throws {
    _ = try eventually(what) {
      rest()
      return condition() ? true : nil
    }
  }

  @Test func `a new server is up after one round trip`() throws {
    try Scene.run(.ipip) { scene in
      let listener = try scene.server.run { try Listener(port: 80) }
      defer { withExtendedLifetime(listener) {} }
      let start = ContinuousClock.now
      let target = scene.target(check(interval: .seconds(10), timeout: .seconds(2), rise: 5))
      let health = try scene.health(of: target)
      #expect(health.isUp == true)
      #expect(ContinuousClock.now - start < .seconds(1))
    }
  }

  @Test func `changes are reported, and nothing else is`() throws {
    try Scene.run(.ipip) { scene in
      let reports = Reports()
      let checker = try Checker(probesPerSecond: 1000) { _, health in reports.add(health) }
      defer { checker.stop() }
      let target = scene.target(check(interval: .milliseconds(50), timeout: .milliseconds(50)))
      let server = target.server.address
      checker.check([target], ways: [server: .path(scene.path)])
      try wait("it is down") { checker.health[target.identity]?.streak ?? 0 > 3 }
      #expect(reports.ups == [false])
      let listener = try scene.server.run { try Listener(port: 80) }
      try wait("it is up") { reports.ups == [false, true] }
      checker.check([target], ways: [server: .unreachable("no route to 10.0.0.2")])
      try wait("it is down again") { reports.ups == [false, true, false] }
      #expect(checker.health[target.identity]?.failure == "unrouted: no route to 10.0.0.2")
      withExtendedLifetime(listener) {}
    }
  }

  @Test func `what stays keeps its health, and what goes is forgotten`() throws {
    try Scene.run(.ipip) { scene in
      let checker = try Checker(probesPerSecond: 1000) { _, _ in }
      defer { checker.stop() }
      let (one, two) = (scene.target(check()), scene.target(check(), port: 81))
      let ways: [IPAddress: CheckWay] = [one.server.address: .path(scene.path)]
      checker.check([one, two], ways: ways)
      try wait("both have a result") { checker.health.values.filter { $0.isUp != nil }.count == 2 }
      let since = checker.health[one.identity]?.since
      var renewed = one
      renewed.check.fall = 7
      checker.check([renewed], ways: ways)
      try wait("one is forgotten") { checker.health.count == 1 }
      try wait("rounds go on") { checker.health[one.identity]?.streak ?? 0 > 2 }
      #expect(checker.health[one.identity]?.since == since)
    }
  }

  @Test func `what was known holds until rounds say otherwise`() throws {
    try Scene.run(.ipip) { scene in
      let checker = try Checker(probesPerSecond: 1000) { _, _ in }
      defer { checker.stop() }
      let target = scene.target(check(fall: 3))
      checker.check(
        [target], ways: [target.server.address: .path(scene.path)], known: [target.identity: true])
      try wait("it is known") { checker.health[target.identity] != nil }
      try wait("a round has failed") { checker.health[target.identity]?.lastFailure != nil }
      #expect(checker.health[target.identity]?.isUp == true)
      try wait("it is down") { checker.health[target.identity]?.isUp == false }
    }
  }

  @Test func `targets that wait for their turn do not fail by that`() throws {
    try Scene.run(.ipip) { scene in
      let listeners = try scene.server.run { try (1...300).map { try Listener(port: UInt16(1000 + $0)) } }
      defer { withExtendedLifetime(listeners) {} }
      let reports = Reports()
      let checker = try Checker(probesPerSecond: 200) { _, health in reports.add(health) }
      defer { checker.stop() }
      let targets = (1...300).map { scene.target(check(interval: .milliseconds(200)), port: UInt16(1000 + $0)) }
      let start = ContinuousClock.now
      checker.check(targets, ways: [targets[0].server.address: .path(scene.path)])
      try wait("all are up") { checker.health.values.allSatisfy { $0.isUp == true } && checker.health.count == 300 }
      #expect(ContinuousClock.now - start > .seconds(1), "280 of 300 probes, at 200 a second")
      #expect(checker.health.values.allSatisfy { $0.lastFailure == nil })
      #expect(!reports.ups.contains(false))
    }
  }

  @Test func `two checkers on one host do not disturb each other`() throws {
    try Scene.run(.ipip) { scene in
      let listener = try scene.server.run { try Listener(port: 80) }
      defer { withExtendedLifetime(listener) {} }
      let checkers = [try Checker(probesPerSecond: 100) { _, _ in }, try Checker(probesPerSecond: 100) { _, _ in }]
      let target = scene.target(check())
      for checker in checkers { checker.check([target], ways: [target.server.address: .path(scene.path)]) }
      try wait("both go on") { checkers.allSatisfy { $0.health[target.identity]?.streak ?? 0 > 3 } }
      #expect(checkers.allSatisfy { $0.health[target.identity]?.isUp == true })
      checkers.forEach { $0.stop() }
    }
  }
}
