// SPDX-License-Identifier: MIT
import Health
import Linux
import Synchronization
import Wire

/// What a checker's thread and those who use the checker have in common.
final class SharedChecks: Sendable {
  /// What is to be checked from now on.
  struct Assignment {
    var targets: [CheckTarget]
    var ways: [IPAddress: CheckWay]
    var known: [CheckTarget.Identity: Bool]
  }

  private struct State {
    var assignment: Assignment?
    var health: [CheckTarget.Identity: TargetHealth] = [:]
    var isStopped = false
  }

  private let state = Mutex(State())
  /// Set when there is something new for the thread.
  let event: EventDescriptor
  let report: @Sendable (CheckTarget.Identity, TargetHealth) -> Void

  init(report: @escaping @Sendable (CheckTarget.Identity, TargetHealth) -> Void) throws(LinuxError) {
    event = try EventDescriptor()
    self.report = report
  }

  /// Replaces what is to be checked.
  func assign(_ assignment: Assignment) {
    state.withLock { state in
      var assignment = assignment
      // One that the thread has not seen yet may know more.
      assignment.known.merge(state.assignment?.known ?? [:]) { new, _ in new }
      state.assignment = assignment
    }
    event.set()
  }

  func stop() {
    state.withLock { $0.isStopped = true }
    event.set()
  }

  var isStopped: Bool { state.withLock { $0.isStopped } }

  func takeAssignment() -> Assignment? { state.withLock { $0.assignment.take() } }

  var health: [CheckTarget.Identity: TargetHealth] { state.withLock { $0.health } }

  func set(_ health: TargetHealth, of identity: CheckTarget.Identity) {
    state.withLock { $0.health[identity] = health }
  }

  func replace(_ health: [CheckTarget.Identity: TargetHealth]) {
    state.withLock { $0.health = health }
  }
}
