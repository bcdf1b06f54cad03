// SPDX-License-Identifier: MIT
public import Health
import Linux
import Synchronization
public import Wire

/// Checks real servers, on a thread of its own.
///
/// All methods may be called on any thread.
public final class Checker: Sendable {
  private let shared: SharedChecks
  private let thread: Mutex<RunningThread?>

  /// Hands the sockets over to the thread.
  private final class Handover: Sendable {
    let sockets: Mutex<CheckSockets?>

    init(_ sockets: consuming CheckSockets) {
      self.sockets = Mutex(sockets)
    }
  }

  /// Starts the thread, in the network namespace of the calling one. Needs `CAP_NET_RAW`.
  ///
  /// - Parameters:
  ///   - probesPerSecond: More probes than these wait for their turn.
  ///   - report: Called on the checker's thread when a target's `isUp` changes, and when the failure of a target that is not
  ///     up becomes another one. Must return at once.
  /// - Throws: ``LinuxError`` where a socket cannot be opened.
  public init(probesPerSecond: Int, report: @escaping @Sendable (CheckTarget.Identity, TargetHealth) -> Void) throws {
    let shared = try SharedChecks(report: report)
    let handover = Handover(try CheckSockets())
    let thread = try RunningThread {
      guard let sockets = handover.sockets.withLock({ $0.take() }) else { return }
      CheckLoop(sockets, shared, probesPerSecond: probesPerSecond).run()
    }
    self.shared = shared
    self.thread = Mutex(thread)
  }

  deinit { stop() }

  /// Checks these targets from now on; those that were checked before go on where they are.
  ///
  /// - Parameters:
  ///   - targets: All of them.
  ///   - ways: By the real server's address. A server that is not here is unreachable.
  ///   - known: Targets that are taken to be up or down until their rounds say otherwise, where they are not known yet.
  public func check(_ targets: [CheckTarget], ways: [IPAddress: CheckWay], known: [CheckTarget.Identity: Bool] = [:]) {
    shared.assign(SharedChecks.Assignment(targets: targets, ways: ways, known: known))
  }

  /// What is known of each target now.
  public var health: [CheckTarget.Identity: TargetHealth] { shared.health }

  /// Ends the thread, and waits for that. Not to be called on the checker's thread.
  public func stop() {
    shared.stop()
    if let thread = thread.withLock({ $0.take() }) { thread.join() }
  }
}
