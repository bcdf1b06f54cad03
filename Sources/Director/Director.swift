// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import DataPlane
import Linux
public import Logging
import Netlink
import SystemPackage
import Wire

/// A director that runs: it holds what the configuration wants, what the kernel says about the ways to the servers, and
/// what the engine's tables hold, and keeps the three together.
///
/// One thread does all of it, woken by signals, by the kernel's events and by a clock. Packets are the engine's business,
/// in the kernel or on a thread of its own.
public final class Director {
  private let options: DirectorOptions
  private let logger: Logger
  private let directory: RuntimeDirectory
  private let claim: NameClaim
  private let link: Link
  private let engine: any ForwardingEngine
  private var resolver: PathResolver
  private var configuration: DirectorConfiguration
  private var paths: [IPAddress: PathState] = [:]
  private var reported: [IPAddress: PathState] = [:]
  private var host = Host()
  private let fragmenter: FragmenterLink
  private let pathMTUDiscovery: PathMTUDiscovery
  private var state: ForwardingState

  /// How long the first answers of next hops, and the end of a director that was killed, are waited for.
  private static let patience: Duration = .seconds(3)
  /// Events of the kernel that come so close together are answered together.
  private static let eventPause: Duration = .milliseconds(20)
  /// How often slots are looked at that could settle.
  private static let settleInterval: Duration = .seconds(5)

  /// Takes the interface, and takes over what an earlier run has left there. Nothing forwards yet that did not before.
  public init(_ options: DirectorOptions, logger: Logger) throws {
    self.options = options
    self.logger = logger
    let text = try TextFile.read(FilePath(options.configurationFile))
    configuration = try Self.read(text, options, logger)
    try options.checkPrivileges(for: configuration)
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
  }

  /// What outer packets carry.
  private static let tunnelProtocols: [TransportProtocol] = [.ipip, .ipv6, .gre, .udp]

  private static func read(
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

// Starting, running and stopping.
extension Director {
  /// Forwards until SIGTERM or SIGINT. SIGHUP reads the configuration again.
  ///
  /// - Throws: what kept it from starting, or from going on. Packets that the kernel forwards without us go on being forwarded then.
  public func run() throws {
    let signals = try SignalDescriptor([.hangup, .terminate, .interrupt])
    var monitor = try NetlinkMonitor()
    let clock = try Timer(every: Self.settleInterval)
    do {
      try start(&monitor)
    } catch {
      if !engine.isTakenOver { try? stop() }
      throw error
    }
    try follow(signals, &monitor, clock)
    if options.staysForwarding {
      logger.info("leaving the data path forwarding", metadata: ["engine": "\(engine.description)"])
    } else {
      try stop()
      logger.info("stopped")
    }
  }

  private func start(_ monitor: inout NetlinkMonitor) throws {
    try lookUpPaths()
    try awaitNextHops(&monitor)
    reportPaths()
    try reach(configuration)
    try engine.start(at: link, logger: logger)
    try TextFile.replace(directory.configuration, with: configuration.yaml)
    logger.info(
      "forwarding",
      metadata: [
        "engine": "\(engine.description)", "services": "\(configuration.services.count)",
        "servers": "\(configuration.servers.count)", "taken.over": "\(engine.isTakenOver)",
      ])
  }

  private func follow(
    _ signals: borrowing SignalDescriptor, _ monitor: inout NetlinkMonitor, _ clock: borrowing Timer
  ) throws {
    let poller = Poller([signals.borrowed, monitor.borrowed, clock.borrowed])
    // When events that have come are answered.
    var due: ContinuousClock.Instant?
    while true {
      let ready = try poller.wait(timeout: due.map { $0 - .now })
      if ready.contains(monitor.borrowed), try !monitor.events().isEmpty { due = due ?? .now + Self.eventPause }
      if let moment = due, moment <= .now {
        due = nil
        goingOn("follow the ways to the servers", followPaths)
        guard resolver.knows(link.index) else { throw interfaceRemoved() }
      }
      if ready.contains(clock.borrowed) {
        _ = try clock.expirations()
        goingOn("let slots settle", letTimePass)
        // What the kernel learns of a path's MTU is no event.
        goingOn("follow the ways to the servers", followPaths)
      }
      while let signal = try signals.next() {
        guard signal == .hangup else { return }
        reload()
      }
    }
  }

  /// What fails while packets are forwarded is told, and tried again when the next event comes or the clock strikes.
  private func goingOn(_ operation: String, _ body: () throws -> Void) {
    do {
      try body()
    } catch {
      logger.error("cannot \(operation)", metadata: ["reason": "\(error)"])
    }
  }

  /// Without the interface nothing goes on that could be left alone.
  private func interfaceRemoved() -> DirectorError {
    goingOn("clean up", stop)
    return DirectorError("\(link.name) was removed")
  }

  private func stop() throws {
    try engine.stop()
    try fragmenter.remove()
    directory.clear()
  }
}

// What changes while it runs.
extension Director {
  /// Reads the configuration again. One that is refused leaves everything as it is.
  private func reload() {
    do {
      let text = try TextFile.read(FilePath(options.configurationFile))
      let wanted = try Self.read(text, options, logger)
      try checkUnchanged("interface", configuration.interface, wanted.interface)
      try checkUnchanged("engine", configuration.engine.rawValue, wanted.engine.rawValue)
      try checkUnchanged("source", Self.text(configuration.sources), Self.text(wanted.sources))
      try lookUpPaths(of: wanted)
      try reach(wanted)
      configuration = wanted
      reportPaths()
      try TextFile.replace(directory.configuration, with: wanted.yaml)
      logger.info("reloaded", metadata: ["services": "\(wanted.services.count)", "servers": "\(wanted.servers.count)"])
    } catch {
      logger.error("the configuration was refused; the running one stays in force", metadata: ["reason": "\(error)"])
    }
  }

  /// `none`, `192.0.2.10`, `192.0.2.64/28, 2001:db8::1`.
  private static func text(_ sources: [IPPrefix]) -> String {
    guard !sources.isEmpty else { return "none" }
    return sources.map { $0.length == $0.address.version.addressWidth ? "\($0.address)" : "\($0)" }
      .joined(separator: ", ")
  }

  private func checkUnchanged(_ key: String, _ old: String, _ new: String) throws {
    guard old == new else {
      throw DirectorError("director.\(key) changed from \(old) to \(new): that needs a restart of culvert run")
    }
  }

  private func reach(_ wanted: DirectorConfiguration) throws {
    if wanted.allowsFragmentation, host.fragmenter == nil { host.fragmenter = try fragmenter.make() }
    try commit { state in
      try state.apply(
        wanted.balancing, paths: paths.compactMapValues(\.path), host: host, now: .now)
    }
    try engine.claim(Set(wanted.services.map(\.match.prefix)), logger: logger)
  }

  private func letTimePass() throws {
    let observed = try engine.observedTransitions()
    try commit { state in state.settle(observed: observed, now: .now) }
    try engine.forgetFlows(idleFor: state.longestIdleTimeout, now: .now)
  }

  private func commit(_ change: (inout ForwardingState) throws -> TableUpdate) throws {
    var next = state
    let update = try change(&next)
    if !update.isEmpty { try engine.commit(update) }
    state = next
  }
}

// The ways to the servers.
extension Director {
  private func lookUpPaths(of wanted: DirectorConfiguration? = nil) throws {
    // Servers that drain are not in the configuration any more.
    let addresses = Set((wanted ?? configuration).servers.map(\.address) + state.destinations.values.map(\.address))
    paths = try resolver.resolve(addresses)
    host.addresses = try resolver.ownAddresses()
  }

  /// Tells what is different from what was told last.
  private func reportPaths() {
    for (address, path) in paths.sorted(by: { "\($0.key)" < "\($1.key)" }) where path != reported[address] {
      let servers = configuration.servers.filter { $0.address == address }.map(\.name)
      report(servers.isEmpty ? "\(address)" : servers.joined(separator: ","), path)
    }
    reported = paths
  }

  private func report(_ name: String, _ state: PathState) {
    switch state {
    case .path(let path):
      logger.info(
        "reachable",
        metadata: [
          "server": "\(name)", "next.hop": "\(path.nextHop)", "mtu": "\(path.mtu)", "source": "\(path.source)",
        ])
    case .unreachable(let reason):
      logger.warning("unreachable", metadata: ["server": "\(name)", "reason": "\(reason)"])
    }
  }

  private func followPaths() throws {
    try lookUpPaths()
    reportPaths()
    let known = paths.compactMapValues(\.path)
    try commit { state in state.setPaths(known, host: host) }
  }

  /// Gives next hops that were just asked for a moment to answer, so that the first packets find their way.
  private func awaitNextHops(_ monitor: inout NetlinkMonitor) throws {
    let deadline = ContinuousClock.now + Self.patience
    let poller = Poller([monitor.borrowed])
    while paths.values.contains(where: { $0.path == nil }), ContinuousClock.now < deadline {
      _ = try poller.wait(timeout: deadline - .now)
      _ = try monitor.events()
      try lookUpPaths()
    }
  }
}

extension DirectorConfiguration {
  /// Whether packets for some server may be divided.
  fileprivate var allowsFragmentation: Bool {
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
