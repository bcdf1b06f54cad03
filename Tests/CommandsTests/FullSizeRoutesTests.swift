// SPDX-License-Identifier: MIT
import Configuration
import Testing
import Wire

@testable import Commands

@Suite struct `Full-size probes and routes` {
  /// What is said of a check whose full-size probe has 1480 bytes, where every route carries `mtu`.
  private func warnings(_ server: String, check: String = "type: tcp", mtu: Int?) throws -> [String] {
    let text = """
      director: { interface: eth0 }
      checks: { c: { \(check), full-size: 1480 } }
      servers: { a1: { address: 10.1.0.11, \(server) }, b1: { address: 10.1.0.12 } }
      services: { web: { address: 203.0.113.80, port: 80, check: c, servers: [a1] } }
      """
    let configuration = try DirectorConfiguration.read(text: text, file: "c.yaml").configuration
    return FullSizeRoutes(configuration: configuration) { _ in mtu }.warnings
  }

  @Test(arguments: [("ipip", 1_499, 20), ("gre", 1_500, 24), ("gue", 1_500, 32)])
  func `a probe that the tunnel has no room for never arrives`(encapsulation: String, mtu: Int, overhead: Int) throws {
    #expect(
      try warnings("encapsulation: \(encapsulation)", mtu: mtu) == [
        """
        the full-size probe of check "c" never reaches server "a1": it has 1480 bytes, and the route carries \(mtu), \
        \(overhead) of them for the tunnel; write "full-size: \(mtu - overhead)" or less, or auto
        """
      ])
  }

  @Test(arguments: [("encapsulation: ipip", 1_500), ("encapsulation: l2", 1_480), ("fragmentation: allow", 1_400)])
  func `a probe that fits, or may be divided, is fine`(server: String, mtu: Int) throws {
    #expect(try warnings(server, mtu: mtu).isEmpty)
  }

  @Test func `a probe without tunnel has the route to itself`() throws {
    #expect(try warnings("encapsulation: l2", mtu: 1_479).count == 1)
    #expect(try warnings("encapsulation: gue", check: "type: tcp, path: direct", mtu: 1_480).isEmpty)
    #expect(try warnings("encapsulation: gue", check: "type: tcp, path: both", mtu: 1_480).count == 1)
    #expect(
      try warnings("encapsulation: gue", check: "type: tcp, path: direct", mtu: 1_400) == [
        """
        the full-size probe of check "c" never reaches server "a1": it has 1480 bytes, and the route carries 1400; \
        write "full-size: 1400" or less, or auto
        """
      ])
  }

  @Test func `nothing is said where no route is known`() throws {
    #expect(try warnings("encapsulation: gue", mtu: nil).isEmpty)
  }
}
