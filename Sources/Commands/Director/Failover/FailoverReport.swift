// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import Control
import DataPlane

/// What `culvert failover --simulate` shows. Its JSON is stable: docs/commands.md describes it.
struct FailoverReport: Encodable {
  /// As they were given: `site=B`, `server=a1`.
  let down: [String]
  let services: [ServiceFailover]
}

/// What would change for a service.
struct ServiceFailover: Encodable {
  let name: String
  /// The part of new flows that would go to another server, in percent.
  let moved: Double
  let before: Side
  let after: Side
  /// `fail-open`, `reset` or `drop` if no member would be up.
  let allDown: String?
  let servers: [ServerFailover]

  /// How it is on one side of the change.
  struct Side: Encodable {
    /// The table's hash, as `culvert list` would show it.
    let table: String
    let pools: [PoolReport]
  }
}

/// What would change for a server of a service: parts of new flows, in percent.
struct ServerFailover: Encodable {
  let name: String
  let site: String?
  let pool: String
  let before: Double
  let after: Double
}

extension FailoverReport {
  init(_ scenario: FailoverScenario, _ losses: [Loss]) {
    let answers = Dictionary(
      scenario.configuration.services.map { ($0.name, $0.whenAllDown) }, uniquingKeysWith: { first, _ in first })
    down = losses.map(\.description)
    services = scenario.simulate(losses).services.map { shift in
      ServiceFailover(shift, allDown: shift.isAllDown ? answers[shift.name] : nil)
    }
  }
}

extension ServiceFailover {
  fileprivate init(_ shift: ServiceShift, allDown answer: AllDownAnswer?) {
    name = shift.name
    moved = percent(shift.movedSlots)
    before = Side(table: "\(shift.tableBefore)", pools: shift.poolsBefore.map(PoolReport.init))
    after = Side(table: "\(shift.tableAfter)", pools: shift.poolsAfter.map(PoolReport.init))
    allDown = answer?.rawValue
    servers = shift.servers.map { server in
      ServerFailover(
        name: server.name, site: server.site, pool: server.pool, before: percent(server.slotsBefore),
        after: percent(server.slotsAfter))
    }
  }
}

extension PoolReport {
  fileprivate init(_ status: PoolStatus) {
    self.init(name: status.name, up: status.up, isShort: status.isShort, share: status.share)
  }
}

/// A part of all slots, to a tenth.
private func percent(_ slots: Int) -> Double { (Double(slots) * 1_000 / Double(slotCount)).rounded() / 10 }
