// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import DataPlane
import KernelEngine
import UserspaceEngine
import Wire

/// One engine with one set of tables, and a count of what it was sent.
final class BenchmarkSubject {
  private typealias Run = (inout BenchmarkClients, TCPHeader.Flags, Int, Bool) throws -> Duration

  private let engine: any Engine
  private let run: Run
  private var sent = 0

  init(_ kind: EngineKind, isSettled: Bool, encapsulation: Encapsulation) throws {
    switch kind {
    case .kernel:
      let kernel = try KernelEngine()
      let benchmark = try kernel.benchmark()
      run = { try benchmark.run(&$0, $1, rounds: $2, forwards: $3) }
      engine = kernel
    case .userspace:
      let userspace = try UserspaceEngine()
      let benchmark = userspace.benchmark()
      run = { benchmark.run(&$0, $1, rounds: $2, forwards: $3) }
      engine = userspace
    }
    for update in try BenchmarkScene(isSettled: isSettled, encapsulation: encapsulation).updates {
      try engine.commit(update)
    }
  }

  /// Nanoseconds of forwarding one packet: a run's time less that of an idle one just after it.
  func sample(_ clients: inout BenchmarkClients, _ flags: TCPHeader.Flags, rounds: Int) throws -> Double {
    sent += rounds
    let busy = try run(&clients, flags, rounds, true)
    var others = clients
    let idle = try run(&others, flags, rounds, false)
    return (busy - idle) / .nanoseconds(rounds)
  }

  /// Sends packets whose time does not count.
  func warmUp(_ clients: inout BenchmarkClients, _ flags: TCPHeader.Flags, rounds: Int) throws {
    sent += rounds
    _ = try run(&clients, flags, rounds, true)
  }

  /// A packet that was not sent took a shorter way, and made the figures look better than they are.
  ///
  /// - Throws: if there was one.
  func verifyThatAllWereSent() throws {
    let counted = try engine.traffic().values.reduce(0) { $0 + $1.packets }
    let others = try engine.verdicts()
    guard counted == UInt64(sent), others.isEmpty else {
      throw CommandFailure(
        "the \(engine.kind) engine sent \(counted) of \(sent) packets; verdicts on others: \(others)")
    }
  }
}
