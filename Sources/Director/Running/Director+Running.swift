// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import Control
import HealthChecking
import Linux
import Logging
import Netlink

// Starting, running and stopping.
extension Director {
  /// Forwards until SIGTERM or SIGINT. SIGHUP reads the configuration again.
  ///
  /// - Throws: what kept it from starting, or from going on. Packets that the kernel forwards without us go on being forwarded then.
  public func run() throws {
    var monitor = try NetlinkMonitor()
    defer { quit() }
    do {
      try start(&monitor)
    } catch {
      if !engine.isTakenOver { try? stop() }
      throw error
    }
    try follow(&monitor)
    writeDown()
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
    checkServers()
    try awaitChecks()
    try reach(configuration, .now)
    try engine.start(at: link, logger: logger)
    try TextFile.replace(directory.configuration, with: configuration.yaml)
    writeDown()
    agenda.note(.letTimePass, at: .now + Self.settleInterval)
    logger.info(
      "forwarding",
      metadata: [
        "engine": "\(engine.description)", "services": "\(configuration.services.count)",
        "servers": "\(configuration.servers.count)", "taken.over": "\(engine.isTakenOver)",
      ])
  }

  private func follow(_ monitor: inout NetlinkMonitor) throws {
    let poller = Poller([signals.borrowed, monitor.borrowed, mailbox.borrowed])
    while true {
      let ready = try poller.wait(timeout: agenda.next.map { $0 - .now })
      if ready.contains(monitor.borrowed), try !monitor.events().isEmpty {
        agenda.note(.followPaths, at: .now + Self.eventPause)
      }
      if ready.contains(mailbox.borrowed) { attend(mailbox.take()) }
      for chore in agenda.due(.now) { try perform(chore) }
      while let signal = try signals.next() {
        guard signal == .hangup else { return }
        _ = reload()
      }
    }
  }

  private func perform(_ chore: Agenda.Chore) throws {
    switch chore {
    case .followPaths:
      goingOn("follow the ways to the servers", followPaths)
      guard resolver.knows(link.index) else { throw interfaceRemoved() }
    case .letTimePass:
      agenda.note(.letTimePass, at: .now + Self.settleInterval)
      goingOn("let slots settle", letTimePass)
      // What the kernel learns of a path's MTU is no event.
      goingOn("follow the ways to the servers", followPaths)
    case .reselect: goingOn("balance anew", rebalance)
    case .write: writeDown()
    }
  }

  /// What fails while packets are forwarded is told, and tried again when the next event comes or the clock strikes.
  func goingOn(_ operation: String, _ body: () throws -> Void) {
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
    directory.clear(keepingState: !fleet.overrides.isEmpty)
  }

  /// Ends the other threads.
  private func quit() {
    checker.stop()
    control.stop()
  }
}
