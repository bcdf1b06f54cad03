// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import Control
import DataPlane
import Health
import HealthChecking
import Linux
import Logging
import SystemPackage
import Wire

// What changes while it runs.
extension Director {
  /// Reads the configuration again. One that is refused leaves everything as it is.
  ///
  /// - Returns: Why it was refused; nil if it is in force.
  func reload() -> String? {
    do {
      try takeOver(try Self.read(try TextFile.read(FilePath(options.configurationFile)), options, logger))
      return nil
    } catch {
      logger.error("the configuration was refused; the running one stays in force", metadata: ["reason": "\(error)"])
      tell(.configuration, "refused: \(error)")
      return "\(error)"
    }
  }

  private func takeOver(_ wanted: DirectorConfiguration) throws {
    try checkUnchanged("interface", configuration.interface, wanted.interface)
    try checkUnchanged("engine", configuration.engine.rawValue, wanted.engine.rawValue)
    try checkUnchanged("source", Self.text(configuration.sources), Self.text(wanted.sources))
    try checkUnchanged("socket", "\(configuration.socket)", "\(wanted.socket)")
    try checkUnchanged("probes-per-second", "\(configuration.probesPerSecond)", "\(wanted.probesPerSecond)")
    try lookUpPaths(of: wanted)
    try reach(wanted, .now)
    checkServers()
    reportPaths()
    try TextFile.replace(directory.configuration, with: wanted.yaml)
    logger.info("reloaded", metadata: ["services": "\(wanted.services.count)", "servers": "\(wanted.servers.count)"])
    tell(.configuration, "reloaded: \(wanted.services.count) services, \(wanted.servers.count) servers")
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

  /// Makes the tables what `wanted` and everything known about its servers say; all of it or nothing.
  func reach(_ wanted: DirectorConfiguration, _ now: Moment) throws {
    if wanted.allowsFragmentation, host.fragmenter == nil { host.fragmenter = try fragmenter.make() }
    var next = fleet
    if wanted != configuration { next.configure(wanted) }
    let events = next.select(now)
    let balancing = BalancingConfiguration(
      services: next.selected.map(\.service), policies: wanted.policies, limits: wanted.limits)
    try commit { state in
      try state.apply(balancing, paths: paths.compactMapValues(\.path), host: host, now: .now)
    }
    fleet = next
    configuration = wanted
    try engine.claim(Set(wanted.services.map(\.match.prefix)), logger: logger)
    tell(events)
    if let step = fleet.nextStep(after: now.instant) { agenda.note(.reselect, at: step) }
  }

  /// Draws conclusions from what checks and operators say.
  func rebalance() throws {
    try reach(configuration, .now)
  }

  func letTimePass() throws {
    let observed = try engine.observedTransitions()
    try commit { state in state.settle(observed: observed, now: .now) }
    try engine.forgetFlows(idleFor: state.longestIdleTimeout, now: .now)
  }

  func commit(_ change: (inout ForwardingState) throws -> TableUpdate) throws {
    var next = state
    let update = try change(&next)
    guard !update.isEmpty else {
      state = next
      return
    }
    try engine.commit(update)
    state = next
    let changed = Set(update.writes.compactMap(\.serviceWithNewSlots))
    for match in tableHashes.keys where state.serviceIndex(of: match).map(changed.contains) ?? true {
      tableHashes[match] = nil
    }
    noteWriting()
  }
}

// Checks.
extension Director {
  /// Has the checker check the servers of the configuration, by the ways that are known now.
  func checkServers() {
    checker.check(fleet.targets, ways: paths.mapValues(CheckWay.init), known: fleet.health.compactMapValues(\.isUp))
  }

  /// Gives the first rounds of the checks a moment, so that the first tables have who is up.
  func awaitChecks() throws {
    let deadline = ContinuousClock.now + Self.patience
    let poller = Poller([mailbox.borrowed])
    // Whoever asks is answered when the tables stand.
    var later: [Message] = []
    while !fleet.isChecked, ContinuousClock.now < deadline {
      _ = try poller.wait(timeout: deadline - .now)
      for message in mailbox.take() {
        if case .health(let target, let health) = message {
          fleet.record(health, of: target)
        } else {
          later.append(message)
        }
      }
    }
    for message in later { mailbox.post(message) }
  }
}

extension CheckWay {
  fileprivate init(_ state: PathState) {
    switch state {
    case .path(let path): self = .path(path)
    case .unreachable(let reason): self = .unreachable(reason)
    }
  }
}

extension TableWrite {
  fileprivate var serviceWithNewSlots: UInt32? {
    guard case .slots(_, let service) = self else { return nil }
    return service
  }
}
