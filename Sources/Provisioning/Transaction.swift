// SPDX-License-Identifier: MIT
import Linux
import Netlink

/// Makes changes one after the other, all or none, and takes them back in the reverse order.
///
/// A signal that asks for the end waits for a step to be done: then what was done is taken back, and what is being taken
/// back is taken back to the end.
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
    try SignalHold.during { hold in
      let before = made
      do {
        for change in changes {
          if let signal = hold.waiting { throw Interruption(signal: signal) }
          try apply(change)
        }
      } catch let failure {
        do {
          try restore(before)
        } catch {
          throw ProvisioningError("\(failure); then, taking back what was done: \(error)")
        }
        throw failure
      }
    }
  }

  private mutating func apply(_ change: Change) throws {
    let isRecorded = made.contains { $0.isSame(as: change) }
    guard try !change.isMade(on: netlink) || change.outlivesJournal && !isRecorded else { return }
    let change = try announce(change)
    change.commands.forEach(report)
    try change.make(on: netlink, report)
  }

  /// Records a change that is about to be made. One that an earlier process recorded keeps what it remembers.
  mutating func announce(_ change: Change) throws -> Change {
    if let index = made.firstIndex(where: { $0.isSame(as: change) }) {
      made[index] = made[index].renewed(as: change)
      try record(made)
      return made[index]
    }
    let change = try change.remembering(on: netlink)
    try record(made + [change])
    made.append(change)
    return change
  }

  /// Makes `changes`, and takes back what else was made before: what they say no longer.
  mutating func converge(to changes: [Change]) throws {
    try apply(changes)
    try revert { recorded in !changes.contains { $0.isSame(as: recorded) } }
  }

  /// Goes back to what was made at the time of `before`.
  private mutating func restore(_ before: [Change]) throws {
    if made != before { report("# taking back what was done") }
    try revert(to: before.count)
    for index in before.indices where made[index] != before[index] {
      made[index] = before[index]
      try record(made)
      try before[index].make(on: netlink, report)
    }
  }

  /// Takes back all changes but the first `count`. What cannot be taken back stays recorded.
  mutating func revert(to count: Int = 0) throws {
    let kept = made.prefix(count)
    try revert { !kept.contains($0) }
  }

  private mutating func revert(where isUnwanted: (Change) -> Bool) throws {
    var failures: [String] = []
    SignalHold.during { _ in
      for index in made.indices.reversed() where isUnwanted(made[index]) {
        do {
          try made[index].revert(on: netlink, report)
          made.remove(at: index)
          try record(made)
        } catch {
          failures.append("\(error)")
        }
      }
    }
    guard failures.isEmpty else { throw ProvisioningError(failures.joined(separator: "; ")) }
  }
}

/// A signal that has ended what was being done; all of it was taken back.
struct Interruption: Error, Hashable, Sendable, CustomStringConvertible {
  let signal: Signal

  var description: String { "interrupted by signal \(signal.rawValue): everything is as before" }
}
