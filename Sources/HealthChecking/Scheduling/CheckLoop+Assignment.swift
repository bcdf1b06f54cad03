// SPDX-License-Identifier: MIT
import Balancing
import Health

extension CheckLoop {
  /// Checks what is assigned from now on.
  func adopt(_ assignment: SharedChecks.Assignment) {
    let wanted = Set(assignment.targets.map(\.identity))
    for (identity, target) in targets where !wanted.contains(identity) {
      end(target)
      targets[identity] = nil
    }
    var planner = Result { try LanePlanner() }
    for target in assignment.targets {
      let way = assignment.ways[target.server.address] ?? .unreachable("no way to \(target.server.address) is known")
      adopt(target, way, isUp: assignment.known[target.identity], &planner)
    }
    shared.replace(targets.mapValues(\.tracker.health))
  }

  private func adopt(
    _ target: CheckTarget, _ way: CheckWay, isUp: Bool?, _ planner: inout Result<LanePlanner, any Error>
  ) {
    let now = Instant.now
    guard let old = targets[target.identity] else {
      let new = CheckedTarget(target, way, runner(target, way, &planner), isUp: isUp, at: now, epoch: epoch)
      targets[target.identity] = new
      return register(new)
    }
    guard old.target != target || old.way != way || old.runner.obstacle?.kind == .local else { return }
    release(old)
    old.adopt(target, way, runner(target, way, &planner), at: now, epoch: epoch)
    register(old)
  }

  private func runner(
    _ target: CheckTarget, _ way: CheckWay, _ planner: inout Result<LanePlanner, any Error>
  ) -> RoundRunner {
    let firstPort = sockets.ports.first
    do throws(CheckFailure) {
      let ways = try planner.ways(to: target, way)
      return RoundRunner(target, try lanes.claim(ways), firstPort: firstPort)
    } catch {
      return RoundRunner(target, [], firstPort: firstPort, obstacle: error)
    }
  }

  private func register(_ target: CheckedTarget) {
    lanes.set(target)
    settle(target)
  }

  /// Ends the round that runs, without a result.
  private func release(_ target: CheckedTarget) {
    target.advance { $0.stop() }
    send(target)
    lanes.remove(target)
  }

  /// Checks a target no more.
  func end(_ target: CheckedTarget) {
    release(target)
    target.end()
  }
}

extension Result where Success == LanePlanner, Failure == any Error {
  fileprivate mutating func ways(
    to target: CheckTarget, _ way: CheckWay
  ) throws(CheckFailure) -> [(way: ProbeWay, isFullSize: Bool)] {
    switch self {
    case .failure(let error): throw CheckFailure(.local, "\(error)")
    case .success(var planner):
      defer { self = .success(planner) }
      return try planner.ways(to: target, way)
    }
  }
}
