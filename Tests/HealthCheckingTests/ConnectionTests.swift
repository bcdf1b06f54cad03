// SPDX-License-Identifier: MIT
import DataPlane
import Health
import HealthChecking
import Linux
import TestSupport
import Testing
import Wire

/// TCP checks of a real server in a namespace of its own.
@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct ConnectionTests {
  @Test(arguments: [Encapsulation.l2, .ipip, .gre, .gue], Scene.versions)
  func `who listens is up`(_ encapsulation: Encapsulation, outer: IPVersion) throws {
    try Scene.run(encapsulation, outer: outer) { scene in
      let listener = try scene.server.run { try Listener(port: 80) }
      defer { withExtendedLifetime(listener) {} }
      for inner in Scene.versions where encapsulation != .l2 || inner == outer {
        let health = try scene.health(of: scene.target(check(fullSize: .automatic), inner))
        #expect(health.isUp == true, "\(health.failure)")
        #expect(health.roundTrip != nil)
      }
    }
  }

  @Test(arguments: Scene.versions)
  func `where nobody listens, the reset is told at once`(_ version: IPVersion) throws {
    try Scene.run(.gue) { scene in
      let health = try scene.health(of: scene.target(check(timeout: .seconds(4)), version), within: .seconds(3))
      let asked = version == .v4 ? "203.0.113.80:80" : "[2001:db8:f::80]:80"
      #expect(health.failure.hasPrefix("refused: reset from \(asked) after "))
    }
  }

  @Test func `who is silent is down when time is up`() throws {
    try Scene.run { scene in
      try scene.onServer("ip address delete 203.0.113.80/32 dev lo")
      let health = try scene.health(of: scene.target(check()))
      #expect(health.failure == "timeout: no answer from 203.0.113.80:80 within 400 ms")
    }
  }

  @Test(arguments: [
    ("icmp port-unreachable", "port unreachable"), ("icmp admin-prohibited", "administratively prohibited"),
  ])
  func `what a firewall says is told at once`(_ kind: String, says words: String) throws {
    try Scene.run(.ipip) { scene in
      try scene.filterOnServer("tcp dport 80 reject with \(kind)")
      let health = try scene.health(of: scene.target(check(timeout: .seconds(4))), within: .seconds(3))
      #expect(health.failure.hasPrefix("icmp: \(words), says 203.0.113.80 (type 3, code "))
    }
  }

  @Test func `a tunnel that is not there is told at once`() throws {
    try Scene.run(.gue, isDecapsulating: false) { scene in
      let health = try scene.health(of: scene.target(check(timeout: .seconds(4))), within: .seconds(3))
      #expect(health.failure == "icmp: port unreachable, says 10.0.0.2 (type 3, code 3)")
    }
  }

  @Test func `an answer from another address is known, and not taken`() throws {
    try Scene.run(.ipip) { scene in
      let listener = try scene.server.run { try Listener(port: 80) }
      defer { withExtendedLifetime(listener) {} }
      try scene.onServer(
        "nft add table ip t", "nft add chain ip t c { type filter hook postrouting priority 0 ; }",
        "nft add rule ip t c tcp sport 80 ip saddr set 10.0.0.2")
      let health = try scene.health(of: scene.target(check()))
      #expect(health.failure == "wrong-address: 203.0.113.80:80 was asked, and 10.0.0.2:80 answered")
    }
  }

  @Test(arguments: Scene.versions)
  func `small probes pass where full ones vanish`(_ version: IPVersion) throws {
    try Scene.run(.ipip, outer: version) { scene in
      let listener = try scene.server.run { try Listener(port: 80) }
      defer { withExtendedLifetime(listener) {} }
      try scene.filterOnServer("meta length > 1200 drop")
      let health = try scene.health(of: scene.target(check(fullSize: .automatic)))
      let size = 1500 - Encapsulation.ipip.overhead(outer: version)
      #expect(health.failure == "full-size: \(size) bytes not answered, small ones are")
      let small = try scene.health(of: scene.target(check(fullSize: .bytes(1200))))
      #expect(small.isUp == true)
    }
  }

  @Test func `a service at the real server's own address alone answers directly, and not by the tunnel`() throws {
    try Scene.run(.ipip) { scene in
      let listener = try scene.server.run { try Listener("10.0.0.2", port: 80) }
      defer { withExtendedLifetime(listener) {} }
      let health = try scene.health(of: scene.target(check(path: .both)))
      #expect(health.isUp == false)
      #expect(health.legs == [.tunnel: false, .direct: true])
      #expect(health.failure.hasPrefix("refused: reset from 203.0.113.80:80 after "))
      #expect(
        health.failure.hasSuffix("; direct answers, tunnel does not: run 'culvert real doctor' on a1"))
      let direct = try scene.health(of: scene.target(check(path: .direct)))
      #expect(direct.isUp == true)
    }
  }

  @Test func `what is too long for the way is told as it is`() throws {
    try Scene.run(.ipip) { scene in
      let listener = try scene.server.run { try Listener(port: 80) }
      defer { withExtendedLifetime(listener) {} }
      let health = try scene.health(of: scene.target(check(fullSize: .bytes(1600))))
      #expect(health.failure == "full-size: 1600 bytes: at most 1480 bytes go this way")
    }
  }
}
