// SPDX-License-Identifier: MIT
public import Balancing
public import Health
public import Wire

/// Everything the configuration file says.
public struct DirectorConfiguration: Hashable, Sendable {
  /// The name of the interface on which clients' packets arrive.
  public var interface: String
  public var engine: EngineKind
  /// The outer source addresses: at most one entry of each family, IPv4 first. A family that has none leaves it to the
  /// route to each real server. The addresses of a prefix are chosen from by the hash of the flow.
  public var sources: [IPPrefix]
  /// Every real server that the file names, used or not, in its order.
  public var servers: [RealServer]
  /// In the order of the file, each for the prefix of some service.
  public var policies: [VirtualAddressPolicy]
  /// In the order of the file. Members' servers are among `servers`.
  public var services: [Service]
  public var limits: RateLimits
  /// In the order of the file. Services name them.
  public var checks: [HealthCheck]
  /// Health checks send no more than these.
  public var probesPerSecond: Int
  /// Who may talk to the director.
  public var socket: SocketAccess

  public init(
    interface: String, engine: EngineKind = .kernel, sources: [IPPrefix] = [], servers: [RealServer],
    policies: [VirtualAddressPolicy] = [], services: [Service], limits: RateLimits = RateLimits(),
    checks: [HealthCheck] = [], probesPerSecond: Int = 5_000, socket: SocketAccess = SocketAccess()
  ) {
    self.interface = interface
    self.engine = engine
    self.sources = sources
    self.servers = servers
    self.policies = policies
    self.services = services
    self.limits = limits
    self.checks = checks
    self.probesPerSecond = probesPerSecond
    self.socket = socket
  }

  /// What is balanced, without the director that does it.
  public var balancing: BalancingConfiguration {
    BalancingConfiguration(services: services, policies: policies, limits: limits)
  }
}

/// Who may connect to the director's socket, besides root.
public struct SocketAccess: Hashable, Sendable {
  /// The group that owns it; nil for the director's own.
  public var group: String?
  /// Its permission bits: 0o600 to 0o666.
  public var mode: UInt16

  public init(group: String? = nil, mode: UInt16 = 0o600) {
    self.group = group
    self.mode = mode
  }
}

/// Where the data plane runs.
public enum EngineKind: String, Hashable, Sendable, CaseIterable {
  /// In the kernel, as an XDP program.
  case kernel
  /// In this process, on a packet socket.
  case userspace
}

extension DirectorConfiguration {
  /// The largest number of services.
  public static let serviceLimit = 512
  /// The largest number of health checks.
  public static let checkLimit = 512
  /// The largest number of members, over all services; and of real servers.
  public static let memberLimit = 4_096

  /// Reads a configuration file.
  ///
  /// - Parameters:
  ///   - text: What is in the file.
  ///   - file: What to call the file in problems.
  /// - Returns: The configuration, and what is doubtful about it.
  /// - Throws: Everything that is wrong with the file, not only the first thing.
  public static func read(
    text: String, file: String
  ) throws(ConfigurationError) -> (configuration: DirectorConfiguration, warnings: [Problem]) {
    let reading = Reading(file: file)
    let configuration = Document.root(of: text, reading: reading).flatMap { root in
      Schema().read(Value(node: root, label: "the file", start: .start, reading: reading))
    }
    guard let configuration, reading.problems.isEmpty else {
      throw ConfigurationError(problems: reading.problems)
    }
    return (configuration, reading.warnings)
  }
}
