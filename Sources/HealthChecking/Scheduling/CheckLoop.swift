// SPDX-License-Identifier: MIT
import Health
import Linux
import Netlink
import Probing
import SystemPackage
import Wire

/// What a checker's thread does: all targets, one after the other, as time passes and answers come.
final class CheckLoop {
  let shared: SharedChecks
  var sockets: CheckSockets
  let epoch = Instant.now
  private var bucket: TokenBucket
  var targets: [CheckTarget.Identity: CheckedTarget] = [:]
  var lanes = LaneTable()
  private var deadlines = Deadlines<CheckedTarget>()
  /// Targets whose round is due, in the order in which it became so.
  private var waiting: [CheckedTarget] = []
  /// Programs that run, or are about to end.
  private var commands: [(run: CommandRun, target: CheckedTarget)] = []

  init(_ sockets: consuming CheckSockets, _ shared: SharedChecks, probesPerSecond: Int) {
    self.shared = shared
    self.sockets = sockets
    bucket = TokenBucket(perSecond: probesPerSecond, at: epoch)
  }

  /// Works until the checker is stopped.
  func run() {
    while !shared.isStopped {
      if let assignment = shared.takeAssignment() { adopt(assignment) }
      let now = Instant.now
      while let due = deadlines.next(dueAt: now) { passTime(due.element, scheduled: due.moment, to: now) }
      startRounds(at: now)
      wait(from: now)
      receive()
      lookAfterCommands()
    }
    targets.values.forEach(end)
    endCommands()
  }

  /// Programs that were killed are gone soon, unless the kernel holds them up.
  private func endCommands() {
    let patience = Instant.now + .seconds(1)
    while !commands.isEmpty, .now < patience {
      _ = try? Poller(commands.flatMap(\.run.descriptors)).wait(timeout: .milliseconds(100))
      lookAfterCommands()
    }
  }

  /// Waits for something to do.
  private func wait(from now: Instant) {
    let turn = waiting.first.map { bucket.moment(of: $0.runner.probeCount) }
    let next = [deadlines.first, turn].compactMap(\.self).min()
    let descriptors = [shared.event.borrowed, sockets.receiver4.borrowed, sockets.receiver6.borrowed]
    let poller = Poller(descriptors + commands.flatMap(\.run.descriptors))
    let ready = try? poller.wait(timeout: next.map { max($0 - now, .zero) })
    if ready?.contains(shared.event.borrowed) ?? true { shared.event.clear() }
  }

  private func passTime(_ target: CheckedTarget, scheduled moment: Instant, to now: Instant) {
    // One that was put forward, or taken out, is still in the queue where it was.
    guard target.scheduled == moment, !target.isOver else { return }
    target.scheduled = nil
    if target.runner.isRunning {
      target.advance { $0.passTime(to: now) }
    } else if target.isDue(at: now) {
      target.wait()
      waiting.append(target)
    }
    settle(target)
  }

  /// Starts the rounds whose turn it is.
  private func startRounds(at now: Instant) {
    var count = 0
    for target in waiting {
      guard target.isOver || bucket.take(target.runner.probeCount, at: now) else { break }
      count += 1
      if !target.isOver, !target.runner.isRunning { begin(target, at: now) }
    }
    waiting.removeFirst(count)
  }

  private func begin(_ target: CheckedTarget, at now: Instant) {
    target.begin(at: now)
    if let command = target.runner.command { commands.append((command, target)) }
    settle(target)
  }

  private func receive() {
    while let packet = try? sockets.receiver4.next() { receive(packet) }
    while let packet = try? sockets.receiver6.next() { receive(packet) }
  }

  private func receive(_ packet: IPPacketView) {
    if let tag = ProbeTag(ofAnswer: packet) {
      guard let lane = lanes[tag] else { return }
      lane.target.advance { $0.receive(packet, lane: lane.index, at: .now) }
      settle(lane.target)
    } else if let quoted = QuotedProbe(in: packet, firstPort: sockets.ports.first), let lane = lanes[quoted.tag] {
      lane.target.advance { $0.receive(quoted.problem, about: quoted.packet, lane: lane.index, at: .now) }
      settle(lane.target)
    }
  }

  private func lookAfterCommands() {
    for (run, target) in commands {
      if target.runner.command === run {
        target.advance { $0.lookAfterCommand() }
        settle(target)
      } else {
        _ = run.ending()
      }
    }
    commands.removeAll { $0.run.isOver }
  }

  /// Sends what a target has to send, and takes in what its round came to.
  func settle(_ target: CheckedTarget) {
    let result = target.advance { $0.takeResult() }
    send(target)
    if let result { record(result, of: target) }
    guard let deadline = target.deadline, target.scheduled.map({ deadline < $0 }) ?? true else { return }
    target.scheduled = deadline
    deadlines.add(target, at: deadline)
  }

  func send(_ target: CheckedTarget) {
    for frame in target.advance({ $0.takeFrames() }) {
      do throws(LinuxError) {
        try sockets.sender.send(frame.bytes, out: InterfaceIndex(rawValue: frame.interface))
      } catch {
        // A full queue loses a packet, as networks do.
        if error.errno == .wouldBlock || error.errno == .noBufferSpace { continue }
        target.advance { $0.fail(CheckFailure(.local, "\(error)"), lane: frame.lane) }
      }
    }
    if let result = target.advance({ $0.takeResult() }) { record(result, of: target) }
  }

  private func record(_ result: RoundResult, of target: CheckedTarget) {
    let isNews = target.record(result)
    shared.set(target.tracker.health, of: target.target.identity)
    if isNews { shared.report(target.target.identity, target.tracker.health) }
  }
}
