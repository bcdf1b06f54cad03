// SPDX-License-Identifier: MIT
import BPF
import DataPlane
import KernelEngine
import TestSupport
import Testing
import UserspaceEngine

/// Both engines against frames that another tool wrote, byte for byte: every encapsulation over both families with every
/// kind of packet, and every answer.
struct GoldenTests {
  @Test(arguments: GoldenFrames.configurations)
  func `the userspace engine makes of every frame what scapy does`(configuration: String) throws {
    let engine = try UserspaceEngine()
    try engine.commit(try #require(try GoldenFrames.update(for: configuration)))
    for frame in try GoldenFrames.all(for: configuration) {
      // Frames start at an address that is 2 modulo 4.
      let headroom = 66
      var room = [UInt8](repeating: 0xA5, count: headroom) + frame.arriving
      let (decision, place) = room.withUnsafeMutableBytes { room in
        engine.forward(room, frameAt: headroom, now: EnginePair.now)
      }
      expect(decision.verdict, Array(room[place]), for: frame)
    }
  }

  @Test(
    .enabled(if: canLoadPrograms, "needs root, and a kernel that loads BPF programs"),
    arguments: GoldenFrames.configurations)
  func `the kernel's program makes of every frame what scapy does`(configuration: String) throws {
    let engine = try KernelEngine()
    try engine.commit(try #require(try GoldenFrames.update(for: configuration)))
    var runner = try engine.verdictRunner()
    for frame in try GoldenFrames.all(for: configuration) {
      let result = try runner.run(frame.arriving.span.bytes)
      let verdict = Verdict(rawValue: UInt8(truncatingIfNeeded: result.returnValue))
      expect(verdict, runner.copyOutput(), for: frame)
    }
  }

  private func expect(_ verdict: Verdict?, _ leaving: [UInt8], for frame: GoldenFrame) {
    #expect(verdict == frame.verdict, "\(frame.name)")
    guard leaving != frame.leaving else { return }
    Issue.record(
      "\(frame.name)\narrives\n\(dump(frame.arriving))\nleaves\n\(dump(leaving))\nnot\n\(dump(frame.leaving))")
  }

  @Test func `no encapsulation, family or kind of packet is left out`() throws {
    let names = Set(try GoldenFrames.all().map(\.name))
    for encapsulation in Encapsulation.allCases {
      for (outer, inner) in [(4, 4), (6, 6), (4, 6), (6, 4)] where encapsulation != .l2 || outer == inner {
        for packet in ["tcp", "udp", "icmp-error"] {
          let name = "\(inner)in\(outer)-\(word(encapsulation))-\(packet)"
          #expect(names.contains(name), "\(name)")
        }
      }
    }
    let verdicts = Set(try GoldenFrames.all().map(\.verdict))
    #expect(verdicts == Set(Verdict.allCases.filter { $0.action == .transmit || $0.action == .reply }))
  }

  private func word(_ encapsulation: Encapsulation) -> String {
    encapsulation == .greKey ? "gre-key" : "\(encapsulation)"
  }
}
