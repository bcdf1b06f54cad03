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
        servers:
          a1: { address: 10.1.0.11, site: A, encapsulation: ipip, state: up }
          a2: { address: 10.1.0.12, site: A, encapsulation: ipip, state: up }
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
            tracking: none
            idle-timeout: 15m
            drain-timeout: 1h
            servers:
              - a1

        """)
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

extension DirectorConfiguration {
  /// A configuration that breaks no rule.
  fileprivate static func random(using random: inout some RandomNumberGenerator) -> DirectorConfiguration {
    let servers = (0..<Int.random(in: 1...12, using: &random)).map { RealServer.random(number: $0, using: &random) }
    let services = (0..<Int.random(in: 1...8, using: &random)).map {
      Service.random(number: $0, servers: servers, using: &random)
    }
    return DirectorConfiguration(
      interface: String.random("!\"#$%&'()*+,-;<=>?@[\\]^_`{|}~e0", 1...13, using: &random) + "x",
      engine: EngineKind.allCases.randomElement(using: &random) ?? .kernel,
      source: Bool.random(using: &random) ? IPAddress("192.0.2.10") : nil, servers: servers, services: services)
  }
}

extension RealServer {
  fileprivate static func random(number: Int, using random: inout some RandomNumberGenerator) -> RealServer {
    RealServer(
      name: "null~".prefix(4) + (number == 0 ? "" : String.random("aZ09-_.", 0...57, using: &random) + "\(number)"),
      address: .v4(IPv4Address(bits: 0x0A00_0000 + UInt32(number))),
      encapsulation: Encapsulation.allCases.randomElement(using: &random) ?? .ipip,
      site: Bool.random(using: &random) ? "1" + String.random("e.0", 0...62, using: &random) : nil,
      administrativeState: AdministrativeState.allCases.randomElement(using: &random) ?? .up)
  }
}

extension Service {
  fileprivate static func random(
    number: Int, servers: [RealServer], using random: inout some RandomNumberGenerator
  ) -> Service {
    let isTCP = Bool.random(using: &random)
    let members = servers.shuffled(using: &random).prefix(Int.random(in: 1...servers.count, using: &random))
    return Service(
      name: "\(number)" + String.random("aZ09-_.", 0...62, using: &random),
      address: .v4(IPv4Address(bits: 0xCB00_7100 + UInt32(number))),
      port: UInt16.random(in: 1 ... .max, using: &random), transportProtocol: isTCP ? .tcp : .udp,
      tracking: isTCP && Bool.random(using: &random) ? .transitions : .none,
      idleTimeout: .seconds(Int.random(in: 1...86_400, using: &random)),
      drainTimeout: .seconds(Int.random(in: 0...604_800, using: &random)),
      members: members.map { Member(server: $0, weight: Int.random(in: 1...5_000, using: &random)) })
  }
}

extension String {
  fileprivate static func random(
    _ alphabet: String, _ length: ClosedRange<Int>, using random: inout some RandomNumberGenerator
  ) -> String {
    let letters = Array(alphabet)
    return String(
      (0..<Int.random(in: length, using: &random)).map { _ in letters.randomElement(using: &random) ?? "x" })
  }
}
