// SPDX-License-Identifier: MIT
import BPF
import Balancing
import DataPlane
import Linux
import TestSupport
import Wire

@testable import KernelEngine
@testable import UserspaceEngine

/// The kernel's engine and the userspace engine with the same tables, to compare.
struct EnginePair: ~Copyable {
  let kernel: KernelEngine
  let userspace: UserspaceEngine
  private var state = ForwardingState()
  private var verdictRunner: TestRunner
  private var directorRunner: TestRunner
  private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
  /// Frames start at an address that is 2 modulo 4; the kernel's driver leaves at least as much room.
  private static let headroom = 66

  init() throws {
    let kernel = try KernelEngine()
    let verdictRunner = try kernel.verdictRunner()
    let directorRunner = try kernel.directorRunner()
    userspace = try UserspaceEngine()
    self.kernel = kernel
    self.verdictRunner = verdictRunner
    self.directorRunner = directorRunner
  }

  deinit {
    room.deallocate()
  }

  /// All places of the kernel's flows, or of its fragments.
  func kernelFlows(_ isFlows: Bool) throws -> [Flow] { try kernel.rememberedFlows(isFlows ? .flows : .fragments) }

  static var now: Tick { Tick(nanoseconds: MonotonicClock.coarseNanoseconds) }

  /// Leads both engines to a configuration.
  mutating func apply(_ configuration: BalancingConfiguration, paths: [IPAddress: Destination.Path]) throws {
    let update = try state.apply(
      configuration, paths: paths, host: DifferentialScene.host, now: Self.now)
    try kernel.commit(update)
    try userspace.commit(update)
  }

  /// What an engine made of a frame.
  struct Outcome: Equatable {
    /// The verdict, or the director program's `xdp_action`.
    var result: UInt32
    var frame: ArraySlice<UInt8>
  }

  /// Both engines' verdicts on a frame of at least 14 bytes.
  mutating func verdicts(on frame: UnsafeRawBufferPointer) throws -> (kernel: Outcome, userspace: Outcome) {
    let result = try verdictRunner.run(frame)
    let (decision, bytes) = forward(frame)
    return (
      Outcome(result: result.returnValue, frame: verdictRunner.copyOutput()[...]),
      Outcome(result: UInt32(decision.verdict.rawValue), frame: bytes)
    )
  }

  /// What the attached program would return for a frame, and what it should.
  mutating func actions(on frame: UnsafeRawBufferPointer) throws -> (kernel: Outcome, userspace: Outcome) {
    let result = try directorRunner.run(frame)
    let (decision, bytes) = forward(frame)
    return (
      Outcome(result: result.returnValue, frame: directorRunner.copyOutput()[...]),
      Outcome(result: Self.action(for: decision), frame: bytes)
    )
  }

  /// `enum xdp_action`: 1 drops, 2 passes, 3 transmits, 4 redirects. Test runs come in by the loopback interface, 1.
  private static func action(for decision: Decision) -> UInt32 {
    switch decision.verdict.action {
    case .drop: 1
    case .pass: 2
    case .transmit: decision.interface == 1 ? 3 : 4
    case .reply: 3
    }
  }

  private func forward(_ frame: UnsafeRawBufferPointer) -> (Decision, ArraySlice<UInt8>) {
    let used = UnsafeMutableRawBufferPointer(rebasing: room[..<(Self.headroom + frame.count)])
    UnsafeMutableRawBufferPointer(rebasing: used[Self.headroom...]).copyMemory(from: frame)
    let (decision, place) = userspace.forward(used, frameAt: Self.headroom, now: Self.now)
    return (decision, Array(used[place])[...])
  }
}

/// Whether this process may load programs into this kernel.
let canLoadPrograms: Bool = (try? KernelEngine()) != nil
