// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import DataPlane
import TestSupport
import Testing
import Wire

@Suite struct `Printing a configuration` {
  @Test func `the canonical text writes everything out`() throws {
    let configuration = try DirectorConfiguration.read(text: Example.text, file: "c.yaml").configuration
    #expect(
      configuration.yaml == """
        director:
          interface: eth0
          engine: kernel
          source: 192.0.2.10
          replies-per-second: 1000
          new-flows-per-second: 100000
          probes-per-second: 5000
          socket: { mode: 600 }
        servers:
          a1: { address: 10.1.0.11, site: A, encapsulation: ipip, ttl: 64, fragmentation: forbid, state: up }
          a2: { address: 10.1.0.12, site: A, encapsulation: ipip, ttl: 64, fragmentation: forbid, state: up }
          b1: { address: 10.2.0.11, site: B, encapsulation: gre, ttl: 64, fragmentation: forbid, state: drain }
        services:
          web:
            address: 203.0.113.80
            port: 80
            protocol: tcp
            tracking: transitions
            affinity: flow
            fragments: track
            idle-timeout: 15m
            drain-timeout: 1h30m
            slow-start: 0s
            all-down: drop
            servers:
              - a1
              - { name: a2, weight: 3 }
              - b1
          dns:
            address: 203.0.113.53
            port: 53
            protocol: udp
            tracking: none
            affinity: flow
            fragments: track
            idle-timeout: 15m
            drain-timeout: 1h
            slow-start: 0s
            all-down: drop
            servers:
              - a1

        """)
  }

  @Test func `every key of the full example is written out`() throws {
    let configuration = try DirectorConfiguration.read(text: Example.full, file: "c.yaml").configuration
    let yaml = configuration.yaml
    for line in [
      #"  source: [192.0.2.0/28, "2001:db8::10"]"#,
      "  a2: { address: 10.1.0.12, encapsulation: gre, key: 42, ttl: 32, fragmentation: allow, state: up }",
      "  a3: { address: 10.1.0.13, encapsulation: l2, state: up }",
      #"  b1: { address: "2001:db8:2::11", encapsulation: gue, port: 6081, udp-checksum: true, ttl: 64, state: up }"#,
      "virtual-addresses:",
      #"  - { address: "2001:db8:80::/64", unconfigured-ports: drop, echo: never }"#,
      #"    address: "2001:db8:80::/64""#, "    port: 8000-8099", "    port: all", "    protocol: esp",
      "    affinity-prefix: 56", "    fragments: hash", "    affinity: source-destination",
    ] {
      #expect(yaml.split(separator: "\n").contains { $0 == line }, "\(line)")
    }
    #expect(try DirectorConfiguration.read(text: yaml, file: "c.yaml").configuration == configuration)
  }

  @Test func `reading what was printed gives the same configuration`() throws {
    let seed = SplitMix64.freshSeed()
    print("seed \(seed)")
    var random = SplitMix64(seed: seed)
    for _ in 0..<300 {
      let configuration = DirectorConfiguration.random(using: &random)
      let read = try DirectorConfiguration.read(text: configuration.yaml, file: "c.yaml").configuration
      #expect(read == configuration)
    }
  }
}
