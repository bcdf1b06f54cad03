// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// What routers and network cards on the way to a real server tell flows apart by.
@Suite struct EntropyTests {
  struct Clients: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let flow: @Sendable (Int) -> (client: IPAddress, port: UInt16)
  }

  private static func v6(_ low: Int) -> IPAddress {
    .v6(IPv6Address(high: 0x2001_0DB8_000C_0000, low: 0x0200_5EFF_FE00_0000 | UInt64(low)))
  }

  static let patterns = [
    Clients(testDescription: "IPv4 clients") { (.v4(IPv4Address(bits: 0xC633_0000 + UInt32($0))), 40_000) },
    Clients(testDescription: "IPv6 clients, last byte and port") { (v6($0 & 0xFF), 40_000 + UInt16($0 >> 8)) },
    Clients(testDescription: "IPv6 clients, last two bytes") { (v6($0), 40_000) },
    Clients(testDescription: "one client, many ports") { (.v4("198.51.100.7"), 1024 + UInt16($0)) },
    Clients(testDescription: "one client, even ports") { (.v6("2001:db8:c::7"), 1024 + UInt16($0 * 2)) },
  ]

  /// For 16 buckets, of 15 degrees of freedom: a mean of 15, and five deviations of 5.48.
  private static let limit = 15 + 5 * 5.48

  private func chiSquare(_ values: [Int]) -> Double {
    let counts = values.reduce(into: [Int](repeating: 0, count: 16)) { $0[$1] += 1 }
    let expected = Double(values.count) / 16
    return counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
  }

  @Test(arguments: patterns)
  func `Flows spread evenly over source ports, flow labels and outer sources`(clients: Clients) throws {
    let environment = Scene.environment()
    var path = Scene.path(outer: .v6)
    path.source = try #require(IPPrefix(address: .v6("2001:db8:d::"), length: 120))
    environment.destinations[Scene.ipip] = Cell(Scene.destination(OuterHeader(.fou), path: path, outer: .v6))
    let frames = (0..<10_000).map { number in
      let (client, port) = clients.flow(number)
      _ = decide(Scene.packet(client.version, from: client).tcp(from: port, to: 80).bytes, in: environment)
      return Array(environment.frame[14..<56])
    }
    let ports = frames.map { Int($0[40]) << 8 | Int($0[41]) }
    let labels = frames.map { Int($0[1] & 0xF) << 16 | Int($0[2]) << 8 | Int($0[3]) }
    let sources = frames.map { Int($0[23]) }
    #expect(ports.allSatisfy { 49_152...65_535 ~= $0 })
    let fields = [
      ("source port, high", ports.map { $0 >> 10 & 15 }), ("source port, low", ports.map { $0 & 15 }),
      ("flow label, high", labels.map { $0 >> 16 }), ("flow label, low", labels.map { $0 & 15 }),
      ("outer source, high", sources.map { $0 >> 4 }), ("outer source, low", sources.map { $0 & 15 }),
    ]
    for (name, values) in fields {
      let statistic = chiSquare(values)
      print("\(clients.testDescription): \(name): chi-square \((statistic * 10).rounded() / 10) of 15")
      #expect(statistic < Self.limit, "\(name)")
    }
  }

  @Test func `A flow's packets have one outer header`() {
    let environment = Scene.environment()
    environment.destinations[Scene.ipip] = Cell(Scene.destination(.gue, outer: .v6))
    let headers = [TCPHeader.Flags.synchronize, .acknowledge, .finish].map { flags in
      _ = decide(Scene.tcp(flags), in: environment)
      return Array(environment.frame[..<66])
    }
    #expect(Set(headers).count == 1)
  }
}
