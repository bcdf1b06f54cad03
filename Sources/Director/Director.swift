// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import Control
import DataPlane
import HealthChecking
import Linux
public import Logging
import Netlink
import SystemPackage
import Wire

/// A director that runs: it holds what the configuration wants, what checks and operators say of the real servers, what the
/// kernel says about the ways to them, and what the engine's tables hold, and keeps all of it together.
///
/// One thread does all of it, woken by signals, by the kernel's events, by messages and by its agenda. Packets are the
/// engine's business, checks the checker's and the socket the control server's: each in the kernel or on a thread of its own.
public final class Director {
  let options: DirectorOptions
  let logger: Logger
  let signals: SignalDescriptor
  let directory: RuntimeDirectory
  private let claim: NameClaim
  let link: Link
  let engine: any ForwardingEngine
  let fragmenter: FragmenterLink
  private let pathMTUDiscovery: PathMTUDiscovery
  let mailbox: Mailbox<Message>
  let checker: Checker
  let control: ControlServer
  let started = Moment.now
  var resolver: PathResolver
  var configuration: DirectorConfiguration
  var paths: [IPAddress: PathState] = [:]
  var reported: [IPAddress: PathState] = [:]
  var host = Host()
  var fleet: Fleet
  var state: ForwardingState
  var agenda = Agenda()
  /// How long it took last to write down the state.
  var lastWriting: Duration = .zero
  /// By service; those that have changed since are missing.
  var tableHashes: [ServiceMatch: String] = [:]

  /// How long the first answers of next hops and checks, and the end of a director that was killed, are waited for.
  static let patience: Duration = .seconds(3)
  /// Events of the kernel that come so close together are answered together.
  static let eventPause: Duration = .milliseconds(20)
  /// How often slots are looked at that could settle, and ways whose changes are no events.
  static let settleInterval: Duration = .seconds(2)
  /// What changed is written down, and told, after this time, for more may follow.
  static let writePause: Duration = .milliseconds(100)

  /// Takes the interface, and takes over what an earlier run has left there. Nothing forwards yet that did not before.
  ///
  /// ``run()`` belongs on the same thread, which from now on does not end by the signals that it waits for.
  public init(_ options: DirectorOptions, logger: Logger) throws {
    self.options = options
    self.logger = logger
    let text = try TextFile.read(FilePath(options.configurationFile))
    configuration = try Self.read(text, options, logger)
    try options.checkPrivileges(for: configuration)
    // Before there are other threads: one that does not block them would take them, and the process would end.
    signals = try SignalDescriptor([.hangup, .terminate, .interrupt])
    let netlink = try NetlinkConnection()
    link = try Self.interface(configuration.interface, netlink)
    claim = try Self.claim(configuration.interface)
    directory = try RuntimeDirectory(below: options.stateDirectory, interface: configuration.interface)
    try directory.create()
    engine = try options.engine(for: configuration, directory: directory, logger: logger)
    resolver = PathResolver(netlink, sources: configuration.sources)
    fragmenter = try FragmenterLink(for: link.index, netlink) { [configuration] name in
      try options.receiverPins(for: configuration, interface: name)
    }
    pathMTUDiscovery = try PathMTUDiscovery(protocols: Self.tunnelProtocols.map(\.rawValue))
    state = engine.isTakenOver ? ForwardingState(restoring: try engine.contents()) : ForwardingState()
    fleet = Fleet(
      configuration, RuntimeState(from: directory.state), serving: state.serving(in: configuration.services), .now)
    let mailbox = try Mailbox<Message>()
    self.mailbox = mailbox
    checker = try Checker(probesPerSecond: configuration.probesPerSecond) { mailbox.post(.health($0, $1)) }
    control = try ControlServer(at: directory.socket, ControlServer.Permissions(configuration.socket)) {
      mailbox.post(.request($0, from: $1, answer: $2))
    }
  }

  /// What outer packets carry.
  private static let tunnelProtocols: [TransportProtocol] = [.ipip, .ipv6, .gre, .udp]

  static func read(
    _ text: String, _ options: DirectorOptions, _ logger: Logger
  ) throws(ConfigurationError) -> DirectorConfiguration {
    let (configuration, warnings) = try DirectorConfiguration.read(text: text, file: options.configurationFile)
    for warning in warnings { logger.warning("\(warning)") }
    return configuration
  }

  /// What the director of an interface holds while it runs, and another one finds taken.
  static func claimName(_ interface: String) -> String { "culvert director on \(interface)" }

  private static func interface(_ name: String, _ netlink: NetlinkConnection) throws -> Link {
    guard let link = try netlink.link(named: name) else {
      let others = try netlink.links().map(\.name).filter { $0 != "lo" }.sorted().joined(separator: ", ")
      throw DirectorError("there is no interface \(name) here; there are: \(others.isEmpty ? "none" : others)")
    }
    guard link.macAddress != nil, !link.flags.contains(.loopback) else {
      throw DirectorError("\(name) is not an Ethernet interface")
    }
    return link
  }

  /// Claims the interface. A director that was killed gives it up once the kernel has taken its sockets apart, which
  /// may outlast the process by a moment; one that lives keeps it.
  private static func claim(_ interface: String) throws -> NameClaim {
    let deadline = ContinuousClock.now + patience
    let pause = Poller([])
    while true {
      do throws(LinuxError) {
        return try NameClaim(claimName(interface))
      } catch {
        guard error.errno == .addressInUse else { throw error }
      }
      let holder = NameClaim.holder(of: claimName(interface))
      guard holder.map(isEnding) ?? true, ContinuousClock.now < deadline else {
        throw DirectorError(
          "a director runs on \(interface) already: \(holder.map { "process \($0)" } ?? "another process")")
      }
      _ = try pause.wait(timeout: eventPause)
    }
  }

  /// Whether a process is a zombie or gone, proc_pid_stat(5).
  private static func isEnding(_ process: Int32) -> Bool {
    guard let status = try? TextFile.read(FilePath("/proc/\(process)/stat")), let name = status.lastIndex(of: ")")
    else {
      return true
    }
    return ["Z", "X"].contains(status[name...].dropFirst(2).prefix(1))
  }
}

extension ControlServer.Permissions {
  fileprivate init(_ access: SocketAccess) {
    self.init(group: access.group, mode: access.mode)
  }
}

extension ForwardingState {
  /// The members that may be sent packets.
  fileprivate func serving(in services: [Service]) -> Set<Fleet.MemberName> {
    var found: Set<Fleet.MemberName> = []
    for service in services {
      let alive = Set(members(of: service.match).filter { $0.destination.lifecycle.isAlive }.map(\.destination.address))
      for member in service.members where alive.contains(member.server.address) {
        found.insert(Fleet.MemberName(service: service.name, server: member.server.name))
      }
    }
    return found
  }
}

extension DirectorConfiguration {
  /// Whether packets for some server may be divided.
  var allowsFragmentation: Bool {
    servers.contains { server in
      server.address.version == .v4 && server.outer.encapsulation != .l2 && !server.outer.forbidsFragmentation
    }
  }
}

extension Tick {
  /// The kernel's coarse clock now.
  static var now: Tick { Tick(nanoseconds: MonotonicClock.coarseNanoseconds) }
}

/// What keeps a director from running, for people.
struct DirectorError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
