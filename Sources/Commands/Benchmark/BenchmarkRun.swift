// SPDX-License-Identifier: MIT
import Configuration
import DataPlane

/// Measures every case by short samples that take turns, until time is up: what disturbs the machine for a while
/// disturbs all of them.
struct BenchmarkRun {
  let kind: EngineKind
  private var subjects: [SubjectKey: BenchmarkSubject] = [:]
  private var clients: [BenchmarkCase: BenchmarkClients] = [:]
  /// Nanoseconds for a packet, in the order they were measured.
  private(set) var samples: [BenchmarkCase: [Double]] = [:]

  /// Packets in one sample: a multiple of the userspace engine's batch, about a millisecond of settled traffic.
  static var rounds: Int { 8192 }

  private struct SubjectKey: Hashable {
    let isSettled: Bool
    let encapsulation: Encapsulation
  }

  /// Makes tables, and lets them remember as many flows as they can: what that takes is the first result.
  init(_ kind: EngineKind) throws {
    self.kind = kind
    for encapsulation in Encapsulation.allCases {
      for isSettled in [true, false] {
        subjects[SubjectKey(isSettled: isSettled, encapsulation: encapsulation)] = try BenchmarkSubject(
          kind, isSettled: isSettled, encapsulation: encapsulation)
      }
    }
    for item in BenchmarkCase.remembering { try remember(item) }
    for item in BenchmarkCase.repeatable {
      clients[item] = BenchmarkClients(flows: item.flows, order: .scattered, encapsulation: item.encapsulation)
    }
  }

  private func subject(for item: BenchmarkCase) throws -> BenchmarkSubject {
    let key = SubjectKey(isSettled: item.traffic.isSettled, encapsulation: item.encapsulation)
    guard let subject = subjects[key] else { throw CommandFailure("no tables for \(item)") }
    return subject
  }

  private mutating func remember(_ item: BenchmarkCase) throws {
    let subject = try subject(for: item)
    var clients = BenchmarkClients(flows: item.flows, order: .ascending, encapsulation: item.encapsulation)
    for _ in 0..<Int(item.flows) / Self.rounds {
      samples[item, default: []].append(try subject.sample(&clients, item.traffic.flags, rounds: Self.rounds))
    }
  }

  /// A sample of each case, after as many packets that do not count: what the others left in the caches gives way.
  mutating func takeTurns() throws {
    for item in BenchmarkCase.repeatable {
      guard var clients = clients[item] else { continue }
      let subject = try subject(for: item)
      try subject.warmUp(&clients, item.traffic.flags, rounds: Self.rounds)
      samples[item, default: []].append(try subject.sample(&clients, item.traffic.flags, rounds: Self.rounds))
      self.clients[item] = clients
    }
  }

  func verifyThatAllWereSent() throws {
    for subject in subjects.values { try subject.verifyThatAllWereSent() }
  }
}
