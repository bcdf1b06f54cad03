// SPDX-License-Identifier: MIT
import Configuration

/// The file that tests read, and break one line of.
enum Example {
  static let text = """
    director:
      interface: eth0
      engine: kernel
      source: 192.0.2.10
    servers:
      a1: { address: 10.1.0.11, site: A, encapsulation: ipip }
      a2: { address: 10.1.0.12, site: A }
      b1: { address: 10.2.0.11, site: B, encapsulation: gre, state: drain }
    services:
      web:
        address: 203.0.113.80
        port: 80
        protocol: tcp
        tracking: transitions
        idle-timeout: 15m
        drain-timeout: 1h30m
        servers:
          - a1
          - { name: a2, weight: 3 }
          - b1
      dns:
        address: 203.0.113.53
        port: 53
        protocol: udp
        servers: [a1]
    """

  /// A file with every key and both address families.
  static let full = """
    director:
      interface: eth0
      source: ["2001:db8::10", 192.0.2.0/28]
      replies-per-second: 50
      new-flows-per-second: 2000
    servers:
      a1: { address: 10.1.0.11 }
      a2: { address: 10.1.0.12, encapsulation: gre, key: 42, ttl: 32, fragmentation: allow }
      a3: { address: 10.1.0.13, encapsulation: l2 }
      b1: { address: "2001:db8:2::11", encapsulation: gue, port: 6081, udp-checksum: true }
      b2: { address: "2001:db8:2::12", encapsulation: fou, ttl: 255 }
      b3: { address: "2001:db8:2::13", encapsulation: l2 }
    virtual-addresses:
      - { address: 203.0.113.80, unconfigured-ports: reset, echo: while-serving }
      - { address: "2001:db8:80::/64", unconfigured-ports: drop, echo: never }
    services:
      web:
        address: 203.0.113.80
        port: 8000-8099
        fragments: hash
        servers: [a1, a2, a3, b1]
      calls:
        address: 2001:db8:80::/64
        port: all
        protocol: udp
        tracking: always
        affinity: source
        affinity-prefix: 56
        servers: [a1, b1, b2, b3]
      vpn:
        address: 203.0.113.64/28
        protocol: esp
        affinity: source-destination
        servers: [a2]
      echo:
        address: 203.0.113.7
        port: 7
        protocol: sctp
        affinity: source
        affinity-prefix: 24
        servers: [a1]
    """

  /// A file with the only place where `old` stands changed.
  static func with(_ old: String, _ new: String, in text: String = text) -> String {
    precondition(text.components(splitBy: old) == 2, "\(old) must be in the example once")
    return text.replacing(old, with: new)
  }
}

extension String {
  fileprivate func components(splitBy separator: String) -> Int {
    split(separator: separator, omittingEmptySubsequences: false).count
  }
}

/// What is wrong with a file named `c.yaml`, one line each.
func problems(in text: String) -> [String] {
  do {
    _ = try DirectorConfiguration.read(text: text, file: "c.yaml")
    return []
  } catch {
    return error.problems.map(\.description)
  }
}
