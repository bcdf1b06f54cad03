// SPDX-License-Identifier: MIT
import Capture
import TestSupport
import Wire

/// What several suites read.
enum Examples {
  static let configuration = """
    director:
      interface: eth0
      engine: userspace
      source: 192.0.2.10
    servers:
      a1: { address: 10.1.0.11, site: A }
      a2: { address: 10.1.0.12, site: A }
      b1: { address: 10.2.0.11, site: B, encapsulation: gre }
    services:
      web:
        address: 203.0.113.80
        port: 80
        servers: [a1, { name: a2, weight: 3 }, b1]
      dns: { address: 203.0.113.53, port: 53, protocol: udp, servers: [a1, a2] }

    """

  /// A client's SYN to the web service.
  static func syn(from port: UInt16) -> [UInt8] {
    PacketBuilder().ethernet().ipv4(from: "198.51.100.7", to: "203.0.113.80")
      .tcp(from: port, to: 80, flags: .synchronize).bytes
  }

  /// A client's question to the DNS service.
  static func query(from port: UInt16, payload: [UInt8] = Array("culvert".utf8)) -> [UInt8] {
    PacketBuilder().ethernet().ipv4(from: "198.51.100.7", to: "203.0.113.53")
      .udp(from: port, to: 53, payload: payload).bytes
  }
}
