// SPDX-License-Identifier: MIT
import Netlink

/// Makes changes one after the other, all or none, and takes them back in the reverse order.
struct Transaction {
  let netlink: NetlinkConnection
  /// Gets all changes that are made or about to be, before each one: what a journal has to hold for another process to
  /// take them back.
  let record: ([Change]) throws -> Void
  let report: Report
  /// In the order they were made. What was there already is not among them.
  private(set) var made: [Change]

  init(
    _ netlink: NetlinkConnection, continuing made: [Change] = [], report: @escaping Report,
    record: @escaping ([Change]) throws -> Void = { _ in }
  ) {
    self.netlink = netlink
    self.record = record
    self.report = report
    self.made = made
  }

  /// Makes what is not made yet of `changes`, or, when one fails, leaves everything as it was before the call.
  mutating func apply(_ changes: [Change]) throws {
    let earlier = made.count
    do {
      for change in changes { try apply(change) }
    } catch let failure {
      do {
        try revert(to: earlier)
      } catch {
        throw ProvisioningError("\(failure); then, taking back what was done: \(error)")
      }
      throw failure
    }
  }

  private mutating func apply(_ change: Change) throws {
    guard try !change.isMade(on: netlink) else { return }
    let change = try announce(change)
    change.commands.forEach(report)
    try change.make(on: netlink, report)
  }

  /// Records a change that is about to be made. One that an earlier process recorded keeps what it remembers.
  mutating func announce(_ change: Change) throws -> Change {
    if let recorded = made.first(where: { $0.isSame(as: change) }) { return recorded }
    let change = try change.remembering(on: netlink)
    try record(made + [change])
    made.append(change)
    return change
  }

  /// Takes back all changes but the first `count`. What cannot be taken back stays recorded.
  mutating func revert(to count: Int = 0) throws {
    var failures: [String] = []
    for index in made.indices.reversed().prefix(made.count - count) {
      do {
        try made[index].revert(on: netlink, report)
        made.remove(at: index)
        try record(made)
      } catch {
        failures.append("\(error)")
      }
    }
    guard failures.isEmpty else { throw ProvisioningError(failures.joined(separator: "; ")) }
  }
}
