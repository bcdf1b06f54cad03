// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import KernelEngine
import TestSupport
import Testing
import Wire

@testable import UserspaceEngine

/// The kernel's path and the userspace path are one source compiled twice: here they are held against each other, packet
/// by packet. `CULVERT_SEED` repeats a run, `CULVERT_PACKETS` says how many packets.
@Suite(.enabled(if: canLoadPrograms, "needs root, and a kernel that loads BPF programs"))
struct DifferentialTests {
  private static let packets = PacketGenerator.packetCount

  @Test func `both engines give every packet the same verdict, bytes and counters`() throws {
    let seed = SplitMix64.freshSeed()
    print("seed \(seed), \(Self.packets) packets")
    var pair = try EnginePair()
    var generator = PacketGenerator(seed: seed, services: DifferentialScene.keys)
    generator.shortestFrame = 14
    var differences = 0
    for (number, configuration) in DifferentialScene.stages.enumerated() {
      try pair.apply(configuration, paths: DifferentialScene.paths)
      for _ in 0..<Self.packets / DifferentialScene.stages.count {
        differences += try compare(&pair, &generator)
        try #require(differences < 10, "too many differences; stage \(number)")
      }
      try compareTables(pair)
    }
    #expect(differences == 0)
    let ofServices = try pair.kernel.verdicts().filter { $0.key != 0 }.values
    for refusal in [Verdict.portReset, .portUnreachable] {
      #expect(ofServices.contains { $0[refusal, default: 0] > 0 })
    }
  }

  /// - Returns: 1 if the engines disagree about the next frame, 0 if not.
  private func compare(_ pair: inout EnginePair, _ generator: inout PacketGenerator) throws -> Int {
    try withUnsafeTemporaryAllocation(byteCount: PacketGenerator.largestFrame, alignment: 16) { buffer in
      let frame = UnsafeRawBufferPointer(rebasing: buffer[..<generator.fill(buffer)])
      // One in eight goes through the program that is attached in earnest.
      let usesAction = frame[frame.count - 1] & 7 == 0
      let (kernel, userspace) = usesAction ? try pair.actions(on: frame) : try pair.verdicts(on: frame)
      guard kernel != userspace else { return 0 }
      Issue.record(
        """
        frame \(text(frame)): \(usesAction ? "action" : "verdict") \(kernel.result) in the kernel, \
        \(userspace.result) in userspace
        kernel    \(text(kernel.frame))
        userspace \(text(userspace.frame))
        """)
      return 1
    }
  }

  private func text(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private func compareTables(_ pair: borrowing EnginePair) throws {
    #expect(try pair.kernel.traffic() == pair.userspace.traffic())
    #expect(try pair.kernel.verdicts() == pair.userspace.verdicts())
    let (kernel, userspace) = (try pair.kernel.contents(), pair.userspace.contents())
    #expect(kernel.matching == userspace.matching)
    #expect(kernel.destinations == userspace.destinations)
    #expect(kernel.slots == userspace.slots)
    for (service, transitions) in userspace.transitions {
      for (slot, transition) in transitions {
        let other = try #require(kernel.transitions[service]?[slot])
        #expect(other.previous == transition.previous)
        #expect(other.since == transition.since)
        #expect(areClose(other.lastOther, transition.lastOther))
      }
    }
    try compareFlows(pair)
  }

  private func compareFlows(_ pair: borrowing EnginePair) throws {
    let now = EnginePair.now
    for table in [\TablePointers.flows, \TablePointers.fragments] {
      let kernel = try pair.kernelFlows(table == \.flows)
      let userspace = pair.userspace.withTables { tables in tables.pointers[keyPath: table].remembered }
      #expect(kernel.count(where: { !$0.isVacant }) == userspace.count)
      for (place, flow) in userspace {
        let other = kernel[place]
        #expect(other.tag == flow.tag)
        #expect(other.destination == flow.destination)
        #expect(other.isPinned == flow.isPinned)
        #expect(areClose(other.lastSeen(now), flow.lastSeen(now)))
      }
    }
  }

  /// The engines look at the clock one after the other: a tick may begin between.
  private func areClose(_ one: Tick, _ other: Tick) -> Bool {
    max(one, other).rawValue - min(one, other).rawValue <= 1
  }
}
