// SPDX-License-Identifier: MIT
public import DataPlane

/// What runs the data plane: holds its tables, and forwards clients' packets by them.
public protocol Engine: TableReading {
  /// `kernel` or `userspace`, as the configuration has it.
  var kind: String { get }

  /// Where it runs, for people: `kernel on eth0 (native XDP)`.
  var description: String { get }

  /// Carries out all writes of `update`, in their order, while packets are forwarded; or none of them.
  ///
  /// To be called, and to return, within a tick (1.07 s) of the time that the update was computed for.
  func commit(_ update: TableUpdate) throws(EngineError)

  /// `Transition.lastOther` as the data plane has kept it, by service index and slot. Rows of settled slots may be there.
  func observedTransitions() throws(EngineError) -> [UInt32: [UInt32: Tick]]

  /// Forgets the flows that sent nothing for more than `ticks` before `now` (`ForwardingState.longestIdleTimeout`).
  func forgetFlows(idleFor ticks: UInt32, now: Tick) throws(EngineError)
}

/// Why an engine did not do what it was asked; its tables are as they were.
public struct EngineError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, and on what: `writing slots of service 3`.
  public let operation: String
  /// What the kernel said, and what to do about it.
  public let reason: String

  public init(operation: String, reason: String) {
    self.operation = operation
    self.reason = reason
  }

  public var description: String { "\(operation): \(reason)" }
}

/// What the tables of a data plane hold, flows and counters aside. Tables of a service stand by its index.
public struct TableContents: Hashable, Sendable {
  public var matching: MatchingTables
  /// Rows of service index 0 are vacant, and may be left out.
  public var destinations: [DestinationIndex: Destination]
  public var slots: [UInt32: [Slot]]
  public var transitions: [UInt32: [UInt32: Transition]]

  public init(
    matching: MatchingTables = MatchingTables(), destinations: [DestinationIndex: Destination] = [:],
    slots: [UInt32: [Slot]] = [:], transitions: [UInt32: [UInt32: Transition]] = [:]
  ) {
    self.matching = matching
    self.destinations = destinations
    self.slots = slots
    self.transitions = transitions
  }
}
