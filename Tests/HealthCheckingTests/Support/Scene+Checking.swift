// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Health
import HealthChecking
import Linux
import Synchronization
import TestSupport
import Wire

/// A check, as short as tests like it.
func check(
  _ question: HealthCheck.Question = .tcp, path: HealthCheck.Path = .tunnel, fullSize: HealthCheck.FullSize = .off,
  interval: Duration = .milliseconds(100), timeout: Duration = .milliseconds(400), rise: Int = 2, fall: Int = 2
) -> HealthCheck {
  HealthCheck(
    name: "check", question: question, path: path, fullSize: fullSize, interval: max(interval, timeout),
    timeout: timeout, rise: rise, fall: fall)
}

/// What a checker reports, from another thread.
final class Reports: Sendable {
  private let all = Mutex<[TargetHealth]>([])

  /// Whether it was up, in the order of the reports.
  var ups: [Bool] { all.withLock { $0.map { $0.isUp == true } } }
  func add(_ health: TargetHealth) { all.withLock { $0.append(health) } }
}

extension Scene {
  /// The real server as a target at the virtual address of `version`.
  func target(
    _ check: HealthCheck, _ version: IPVersion = .v4, port: UInt16 = 80,
    _ transportProtocol: TransportProtocol = .tcp
  ) -> CheckTarget {
    CheckTarget(
      check: check, server: RealServer(name: "a1", address: Self.server(self.version), outer: outer),
      virtualAddress: Self.virtualAddress(version), port: port, transportProtocol: transportProtocol)
  }

  /// Checks `target` until its first round has ended, or for `isEnough` to hold.
  func health(
    of target: CheckTarget, within limit: Duration = .seconds(5),
    until isEnough: (TargetHealth) -> Bool = { $0.isUp != nil }
  ) throws -> TargetHealth {
    let checker = try Checker(probesPerSecond: 1000) { _, _ in }
    defer { checker.stop() }
    checker.check([target], ways: [target.server.address: .path(path)])
    return try eventually("the health of \(target.identity)", within: limit) {
      if let health = checker.health[target.identity], isEnough(health) { return health }
      rest()
      return nil
    }
  }
}

extension Scene {
  /// Runs commands, words between spaces, on the real server.
  func onServer(_ commands: String...) throws {
    try server.run {
      for command in commands { try TestSupport.run("sh", "-c", "exec " + command.quotedBraces) }
    }
  }

  /// Adds a rule for what comes to the real server, behind its tunnel.
  func filterOnServer(_ rule: String) throws {
    try onServer(
      "nft add table inet t", "nft add chain inet t c { type filter hook input priority 0 ; }",
      "nft add rule inet t c \(rule)")
  }
}

extension String {
  /// What nft(8) reads between braces is no shell's business, nor is a comparison.
  fileprivate var quotedBraces: String {
    split(separator: " ").map { "{};>".contains($0) ? "'\($0)'" : String($0) }.joined(separator: " ")
  }
}

extension TargetHealth {
  /// The latest failure, as people see it.
  var failure: String { lastFailure?.failure.map { "\($0)" } ?? "none" }
}
