// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Health
import HealthChecking
import Linux
import TestSupport
import Testing
import Wire

/// What checks leave behind in the host that runs them: nothing.
@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct TraceTests {
  @Test func `this host's own stack resets no connection`() throws {
    try Scene.run(.ipip) { scene in
      let listener = try scene.server.run { try Listener(port: 80) }
      defer { withExtendedLifetime(listener) {} }
      // Frames of packet sockets do not pass here, those of the stack do.
      for command in ["add table inet t", "add chain inet t c { type filter hook output priority 0 ; }"] {
        try run("nft", command)
      }
      try run("nft", "add rule inet t c tcp flags & rst == rst counter")
      try run("nft", "add rule inet t c icmp type destination-unreachable counter")
      for version in Scene.versions {
        let health = try scene.health(of: scene.target(check(), version)) { $0.streak >= 3 }
        #expect(health.isUp == true)
      }
      let rules = try run("nft", "list", "table", "inet", "t")
      #expect(rules.split(separator: "packets 0 bytes 0").count == 3, "\(rules)")
    }
  }

  @Test func `addresses, routes, rules and links stay as they are`() throws {
    try Scene.run(.gue) { scene in
      func look() throws -> String {
        try run("sh", "-c", "ip address; ip link; for v in -4 -6; do ip $v rule; ip $v route show table all; done")
      }
      let before = try look()
      let checker = try Checker(probesPerSecond: 100) { _, _ in }
      let target = scene.target(check())
      checker.check([target], ways: [target.server.address: .path(scene.path)])
      _ = try eventually("a result") { checker.health[target.identity]?.isUp.map { _ in true } }
      let during = try look()
      checker.stop()
      let after = try look()
      #expect(during == before && after == before)
    }
  }

  @Test func `a real server keeps no connection`() throws {
    try Scene.run(.ipip) { scene in
      let listener = try scene.server.run { try Listener(port: 80) }
      defer { withExtendedLifetime(listener) {} }
      _ = try scene.health(of: scene.target(check(fullSize: .automatic))) { $0.streak >= 3 }
      let connections = try scene.server.run { try run("ss", "-Htan", "state", "all", "exclude", "listening") }
      #expect(connections == "")
    }
  }
}
