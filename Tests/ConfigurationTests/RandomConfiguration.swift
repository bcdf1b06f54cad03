// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import DataPlane
import Health
import Wire

extension DirectorConfiguration {
  /// A configuration that breaks no rule.
  static func random(using random: inout some RandomNumberGenerator) -> DirectorConfiguration {
    let servers = (0..<Int.random(in: 1...12, using: &random)).map { RealServer.random(number: $0, using: &random) }
    let checks = (0..<Int.random(in: 0...6, using: &random)).map { HealthCheck.random(number: $0, using: &random) }
    let services = (0..<Int.random(in: 1...8, using: &random)).map {
      Service.random(number: $0, servers: servers, checks: checks, using: &random)
    }
    let sources = ["192.0.2.0/\(Int.random(in: 24...32, using: &random))", "2001:db8::/96"].compactMap { IPPrefix($0) }
    return DirectorConfiguration(
      interface: String.random("!\"#$%&'()*+,-;<=>?@[\\]^_`{|}~e0", 1...13, using: &random) + "x",
      engine: .anyCase(&random), sources: sources.filter { _ in Bool.random(using: &random) }, servers: servers,
      policies: services.filter { _ in Bool.random(using: &random) }.map { .random(of: $0, using: &random) },
      services: services,
      limits: RateLimits(
        flows: .random(in: 0...10_000_000, using: &random), replies: .random(in: 0...1_000_000, using: &random)),
      checks: checks, probesPerSecond: .random(in: 1...100_000, using: &random), socket: .random(using: &random))
  }
}

extension RealServer {
  fileprivate static func random(number: Int, using random: inout some RandomNumberGenerator) -> RealServer {
    let isIPv6 = Bool.random(using: &random)
    return RealServer(
      name: "null~".prefix(4) + (number == 0 ? "" : String.random("aZ09-_.", 0...57, using: &random) + "\(number)"),
      address: isIPv6
        ? .v6(IPv6Address(high: 0x2001_0DB8_0000_0002, low: UInt64(number) << 16))
        : .v4(IPv4Address(bits: 0x0A00_0000 + UInt32(number))),
      // The first one can be in every service.
      outer: .random(Encapsulation.allCases.dropLast(number == 0 ? 1 : 0), isIPv6: isIPv6, using: &random),
      site: Bool.random(using: &random) ? "1" + String.random("e.0", 0...62, using: &random) : nil,
      administrativeState: .anyCase(&random))
  }
}

extension OuterHeader {
  /// With what the encapsulation has no use for as it is by default.
  fileprivate static func random(
    _ encapsulations: some Collection<Encapsulation>, isIPv6: Bool, using random: inout some RandomNumberGenerator
  ) -> OuterHeader {
    var outer = OuterHeader(encapsulations.randomElement(using: &random) ?? .ipip)
    if outer.encapsulation == .greKey { outer.key = .random(in: 0 ... .max, using: &random) }
    if outer.encapsulation.isOverUDP {
      outer.port = .random(in: 1 ... .max, using: &random)
      outer.computesUDPChecksum = .random(using: &random)
    }
    if outer.encapsulation != .l2 {
      outer.timeToLive = .random(in: 1 ... .max, using: &random)
      outer.forbidsFragmentation = isIPv6 || .random(using: &random)
    }
    return outer
  }
}

extension SocketAccess {
  fileprivate static func random(using random: inout some RandomNumberGenerator) -> SocketAccess {
    SocketAccess(
      group: Bool.random(using: &random) ? "_" + .random("a-.9Z", 0...31, using: &random) : nil,
      mode: [0o600, 0o606, 0o660, 0o666].randomElement(using: &random) ?? 0o600)
  }
}

extension VirtualAddressPolicy {
  fileprivate static func random(
    of service: Service, using random: inout some RandomNumberGenerator
  ) -> VirtualAddressPolicy {
    VirtualAddressPolicy(
      prefix: service.match.prefix, unconfiguredPorts: .anyCase(&random), echo: .anyCase(&random))
  }
}

extension Service {
  fileprivate static func random(
    number: Int, servers: [RealServer], checks: [HealthCheck], using random: inout some RandomNumberGenerator
  ) -> Service {
    let match = ServiceMatch.random(number: number, using: &random)
    let version = match.prefix.address.version
    let members = servers.filter { $0.outer.encapsulation != .l2 || $0.address.version == version }
      .shuffled(using: &random).map { Member(server: $0, weight: Int.random(in: 1...5_000, using: &random)) }
    let pools = Pool.random(of: members, using: &random)
    return Service(
      name: "\(number)" + String.random("aZ09-_.", 0...62, using: &random), match: match,
      tracking: match.transportProtocol == .tcp ? .anyCase(&random) : .random(using: &random) ? .always : .none,
      affinity: .random(version: version, using: &random), hashesFragments: .random(using: &random),
      idleTimeout: .seconds(Int.random(in: 1...64_800, using: &random)),
      drainTimeout: .seconds(Int.random(in: 0...604_800, using: &random)),
      pools: pools, whenShort: pools[0].name == onlyPool ? .overflow : .anyCase(&random),
      whenAllDown: .anyCase(&random), slowStart: .seconds(Int.random(in: 0...3_600, using: &random)),
      checks: checks.filter { $0.suits(match) && Bool.random(using: &random) }.map(\.name).shuffled(using: &random))
  }
}

extension Pool {
  /// Pools of all members, or the one that has no name in the file.
  fileprivate static func random(of members: [Member], using random: inout some RandomNumberGenerator) -> [Pool] {
    if Bool.random(using: &random) { return [Pool(name: Service.onlyPool, members: members)] }
    let last = Int.random(in: 0..<members.count, using: &random)
    let first = members.prefix(last + 1)
    let rest = members.dropFirst(last + 1)
    return [Array(first), Array(rest)].filter { !$0.isEmpty }.enumerated().map { index, members in
      .random(number: index + 1, members: members, using: &random)
    }
  }

  fileprivate static func random(
    number: Int, members: [Member], using random: inout some RandomNumberGenerator
  ) -> Pool {
    let threshold = Int.random(in: 0...100, using: &random)
    let sites = Set(members.compactMap(\.server.site)).sorted().filter { _ in Bool.random(using: &random) }
    return Pool(
      name: Bool.random(using: &random) ? "pool \(number)" : "n\(number)" + .random("aZ09-_.", 0...61, using: &random),
      members: members, threshold: threshold, recovery: .random(in: threshold...100, using: &random),
      isLastResort: number > 1 && Bool.random(using: &random),
      siteWeights: sites.reduce(into: [:]) { $0[$1] = .random(in: 1...65_535, using: &random) })
  }
}

extension ServiceMatch {
  /// Each number has addresses of its own.
  fileprivate static func random(number: Int, using random: inout some RandomNumberGenerator) -> ServiceMatch {
    let texts = [
      "203.0.\(number).80", "20.\(number).0.0/16", "2001:db8:80:\(number)::/64", "2001:db8:80:\(number)::",
      "2001:db8:80:\(number)::80",
    ]
    let transport = TransportProtocol(rawValue: [6, 6, 6, 17, 132, 136, 50, 4, 255].randomElement(using: &random) ?? 6)
    let port = UInt16.random(in: 1 ... .max, using: &random)
    let ports = [port...port, port...(.max), 1...port, allPorts].randomElement(using: &random) ?? allPorts
    return ServiceMatch(
      prefix: texts.randomElement(using: &random).flatMap { IPPrefix($0) } ?? IPPrefix(host: .v4(IPv4Address(bits: 1))),
      ports: transport.hasPorts ? ports : 0...0, transportProtocol: transport)
  }
}

extension Affinity {
  fileprivate static func random(version: IPVersion, using random: inout some RandomNumberGenerator) -> Affinity {
    let kind = Kind.anyCase(&random)
    let least = version == .v4 ? UInt8(97) : 1
    return Affinity(kind: kind, clientBits: kind == .source ? .random(in: least...128, using: &random) : 128)
  }
}

extension CaseIterable {
  static func anyCase(_ random: inout some RandomNumberGenerator) -> Self {
    guard let value = allCases.randomElement(using: &random) else { preconditionFailure("\(Self.self) has no cases") }
    return value
  }
}

extension String {
  static func random(
    _ alphabet: String, _ length: ClosedRange<Int>, using random: inout some RandomNumberGenerator
  ) -> String {
    let letters = Array(alphabet)
    return String(
      (0..<Int.random(in: length, using: &random)).map { _ in letters.randomElement(using: &random) ?? "x" })
  }
}
