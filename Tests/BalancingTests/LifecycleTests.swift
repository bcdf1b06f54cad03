// SPDX-License-Identifier: MIT
import DataPlane
import Testing
import Wire

@testable import Balancing

@Suite struct `The life of a destination` {
  private static let never = Tick(rawValue: .max)

  struct Step: CustomTestStringConvertible, Sendable {
    let from: Lifecycle
    let part: Member.Part
    let to: Lifecycle

    init(_ from: Lifecycle, _ part: Member.Part, _ to: Lifecycle) {
      (self.from, self.part, self.to) = (from, part, to)
    }

    var testDescription: String { "\(from), then \(part)" }
  }

  /// At 1,000, and with a drain timeout of 20.
  private static func draining(since: UInt32, until: Tick = Tick(rawValue: 1_020)) -> Lifecycle {
    .draining(since: Tick(rawValue: since), until: until)
  }

  static let steps: [Step] = [
    Step(.serving, .serving, .serving),
    Step(.serving, .standby, draining(since: 1_000, until: never)),
    Step(.serving, .draining, draining(since: 1_000)),
    Step(.serving, .down, .down),
    Step(draining(since: 900, until: Tick(rawValue: 1_005)), .serving, .serving),
    // The deadline does not move, but standing by ends it, and draining again begins another.
    Step(
      draining(since: 900, until: Tick(rawValue: 1_005)), .draining, draining(since: 900, until: Tick(rawValue: 1_005))),
    Step(draining(since: 900, until: Tick(rawValue: 1_005)), .standby, draining(since: 900, until: never)),
    Step(draining(since: 900, until: never), .draining, draining(since: 900)),
    Step(draining(since: 900, until: never), .standby, draining(since: 900, until: never)),
    Step(draining(since: 900, until: never), .serving, .serving),
    Step(draining(since: 900, until: never), .down, .down),
    Step(.down, .serving, .serving),
    // Who is down has no flows that it could keep.
    Step(.down, .standby, .down),
    Step(.down, .draining, .down),
    Step(.down, .down, .down),
  ]

  @Test(arguments: steps)
  func `follows the part that it is given`(step: Step) {
    #expect(step.from.following(step.part, now: Tick(rawValue: 1_000), drainTimeout: 20) == step.to)
  }

  // MARK: In the tables

  private let start = Tick(rawValue: 1_000)

  private func pooled(_ parts: Member.Part...) -> [Service] {
    [service(1, parts.enumerated().map { Member(server: server($0 + 1), chosenPart: $1) })]
  }

  private func lifecycle(_ number: Int, in state: ForwardingState) -> Lifecycle? {
    state.destinations.values.first { $0.address == address(number) }?.lifecycle
  }

  @Test func `lets who stands by keep flows for as long as they like, and no longer`() throws {
    var state = ForwardingState(slotsPerService: 31)
    _ = try state.apply(pooled(.serving, .down), paths: paths, now: start)
    _ = try state.apply(pooled(.standby, .serving), paths: paths, now: start)
    var now = start
    for _ in 0..<100 {
      now = now.advanced(by: 3)
      // Somebody talks in the first slot, by way of the first server.
      _ = state.settle(observed: [1: [0: now]], now: now)
    }
    #expect(lifecycle(1, in: state) == .draining(since: start, until: Self.never))
    _ = state.settle(observed: [:], now: now.advanced(by: 7))
    #expect(lifecycle(1, in: state) == .down)
    _ = try state.apply(pooled(.serving, .standby), paths: paths, now: now.advanced(by: 8))
    #expect(lifecycle(1, in: state) == .serving)
  }

  @Test func `gives who stands by a deadline when it drains, and takes it back`() throws {
    var state = ForwardingState(slotsPerService: 31)
    _ = try state.apply(pooled(.serving, .down), paths: paths, now: start)
    _ = try state.apply(pooled(.standby, .serving), paths: paths, now: start)
    _ = try state.apply(pooled(.draining, .serving), paths: paths, now: start.advanced(by: 2))
    #expect(lifecycle(1, in: state) == .draining(since: start, until: start.advanced(by: 22)))
    _ = try state.apply(pooled(.standby, .serving), paths: paths, now: start.advanced(by: 3))
    #expect(lifecycle(1, in: state) == .draining(since: start, until: Self.never))
  }

  @Test func `lets who stands by go on after a restart of the control plane`() throws {
    let tables = TestTables(slotsPerService: 31)
    var state = ForwardingState(slotsPerService: 31)
    tables.commit(try state.apply(pooled(.serving, .down), paths: paths, now: tables.now))
    tables.commit(try state.apply(pooled(.standby, .serving), paths: paths, now: tables.now))
    let contents = tables.contents
    var restored = ForwardingState(restoring: contents, slotsPerService: 31)
    let later = tables.now.advanced(by: 1)
    #expect(try restored.apply(pooled(.standby, .serving), paths: paths, now: later).isEmpty)
    #expect(lifecycle(1, in: restored) == .draining(since: later, until: Self.never))
    #expect(restored.settle(observed: tables.observedTransitions, now: later.advanced(by: 1)).isEmpty)
    #expect(lifecycle(1, in: restored)?.isAlive == true)
  }
}
