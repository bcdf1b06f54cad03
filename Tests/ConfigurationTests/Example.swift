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

  /// The example with the only place where `old` stands changed.
  static func with(_ old: String, _ new: String) -> String {
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
