// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import Control
import DataPlane
import FoundationEssentials
import Glibc
import Health
import HealthChecking
import Linux
import Logging

// What others have to tell, and what they ask.
extension Director {
  /// Deals with all messages that came, and balances anew once for all of them.
  func attend(_ messages: [Message]) {
    var hasNews = false
    for message in messages {
      switch message {
      case .health(let target, let health):
        record(health, of: target)
        hasNews = true
      case .request(let request, let peer, let answer): answer(self.answer(request, from: peer))
      }
    }
    if hasNews { goingOn("balance anew", rebalance) }
  }

  private func record(_ health: TargetHealth, of target: CheckTarget.Identity) {
    let before = fleet.health[target]?.isUp
    fleet.record(health, of: target)
    noteWriting()
    let failure = health.lastFailure?.failure.map { ": \($0)" } ?? ""
    let text = health.isUp == true ? "passes" : "fails\(failure)"
    guard before != health.isUp || health.isUp == false else { return }
    tell(.health, server: target.server, "check \(target.check) at \(target.text) \(text)")
  }

  private func answer(_ request: ControlRequest, from peer: ControlPeer) -> ControlResponse {
    switch request {
    case .director: return .director(report)
    case .servers: return .servers(serverReports())
    case .services: return .services(fleet.serviceReports(view()))
    case .server(let name): return serverReports(of: name).first.map { .server($0) } ?? unknown(name)
    case .setState(let server, let wanted, let reason):
      return change(server, from: peer, reason) { $0.state = wanted }
    case .setWeight(let server, let service, let weight, let reason):
      return setWeight(server, service, weight, from: peer, reason)
    case .reload: return reload().map { .refused($0) } ?? .done
    }
  }

  private func unknown(_ server: String) -> ControlResponse {
    .notFound("\(UnknownName("server", server, among: configuration.servers.map(\.name)))")
  }

  private func setWeight(
    _ server: String, _ service: String?, _ weight: Int?, from peer: ControlPeer, _ reason: String
  ) -> ControlResponse {
    guard weight.map({ 1...65_535 ~= $0 }) ?? true else { return .refused("a weight is 1 to 65535") }
    guard let service else {
      return change(server, from: peer, reason) { override in
        override.weight = weight
        override.serviceWeights = [:]
      }
    }
    let services = configuration.services.filter { $0.members.contains { $0.server.name == server } }.map(\.name)
    guard services.contains(service) else {
      return fleet.server(named: server) == nil
        ? unknown(server)
        : .notFound("server \(server) is not in service \(service); it is in: \(services.joined(separator: ", "))")
    }
    return change(server, from: peer, reason) { $0.serviceWeights[service] = weight }
  }

  /// Changes what operators say of a server, and follows it; a change that cannot be followed is taken back.
  private func change(
    _ server: String, from peer: ControlPeer, _ reason: String, _ body: (inout ServerOverride) -> Void
  ) -> ControlResponse {
    guard fleet.server(named: server) != nil else { return unknown(server) }
    let before = fleet
    var override = ServerOverride(by: peer.name, at: .now, reason: reason)
    if let old = fleet.overrides[server] {
      (override.state, override.weight, override.serviceWeights) = (old.state, old.weight, old.serviceWeights)
    }
    body(&override)
    fleet.override(server, override)
    do {
      try rebalance()
      try writeState()
      return .done
    } catch {
      fleet = before
      goingOn("balance as before", rebalance)
      return .refused("\(error)")
    }
  }
}

// Telling.
extension Director {
  func tell(_ events: [ControlEvent]) {
    for event in events { tell(event) }
  }

  func tell(_ kind: ControlEvent.Kind, server: String? = nil, service: String? = nil, _ text: String) {
    tell(ControlEvent(time: .now, kind: kind, server: server, service: service, text: text))
  }

  private func tell(_ event: ControlEvent) {
    control.publish(event)
    // The ways and the configuration have log lines of their own.
    guard ![.neighbour, .mtu, .configuration].contains(event.kind) else { return }
    var metadata: Logger.Metadata = ["event": "\(event.text)"]
    if let server = event.server { metadata["server"] = "\(server)" }
    if let service = event.service { metadata["service"] = "\(service)" }
    logger.info("\(event.kind.rawValue)", metadata: metadata)
    noteWriting()
  }

  /// Has what changed written down soon; where there is much to write, so seldom that it takes a tenth of the time.
  func noteWriting() {
    agenda.note(.write, at: .now + max(Self.writePause, lastWriting * 9))
  }

  /// Tells which tables are different, and writes down how everything stands.
  func writeDown() {
    let start = ContinuousClock.now
    defer { lastWriting = .now - start }
    for service in configuration.services where tableHashes[service.match] == nil {
      guard let hash = state.tableHash(of: service.match) else { continue }
      tableHashes[service.match] = "\(hash)"
      control.publish(
        ControlEvent(time: .now, kind: .table, service: service.name, text: "slots have other owners: table \(hash)"))
    }
    goingOn("write down the state", writeState)
  }

  private func writeState() throws {
    let view = TableView(state: state, flows: [:]) { [tableHashes] in tableHashes[$0] ?? "" }
    let now = Moment.now
    let runtime = RuntimeState(
      written: now.timestamp, overrides: fleet.overrides, servers: fleet.serverReports(view, now),
      services: fleet.serviceReports(view))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try TextFile.replace(directory.state, with: String(decoding: try encoder.encode(runtime), as: UTF8.self))
  }

  private var report: DirectorReport {
    DirectorReport(
      version: Version.text, interface: configuration.interface, engine: engine.description,
      process: getpid(), started: started.timestamp, configurationFile: options.configurationFile,
      services: configuration.services.count, servers: configuration.servers.count)
  }

  private func serverReports(of name: String? = nil) -> [ServerReport] {
    for (target, health) in checker.health { fleet.record(health, of: target) }
    return fleet.serverReports(view(), .now, of: name)
  }

  /// The tables with everything that is known of them.
  private func view() -> TableView {
    TableView(state: state, flows: (try? engine.flowCounts()) ?? [:]) { [state, tableHashes] match in
      tableHashes[match] ?? state.tableHash(of: match).map { "\($0)" } ?? ""
    }
  }
}
