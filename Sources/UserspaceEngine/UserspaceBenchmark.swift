// SPDX-License-Identifier: MIT
public import DataPlane
import Linux
public import Wire

/// Runs the data plane of the userspace engine on packets of many clients, without any network, and says how long it
/// takes: in batches under one lock, as the forwarding thread does.
@safe
public final class UserspaceBenchmark {
  private let engine: UserspaceEngine
  /// A batch of frames, each with room at its head.
  private let rooms: UnsafeMutableRawBufferPointer
  private let template: UnsafeMutableRawPointer

  private static var batchSize: Int { 64 }
  private static var roomSize: Int { 192 }
  /// Frames start at an address that is 2 modulo 4.
  private static var headroom: Int { 66 }

  fileprivate init(_ engine: UserspaceEngine) {
    self.engine = engine
    unsafe rooms = .allocate(byteCount: Self.batchSize * Self.roomSize, alignment: 64)
    unsafe rooms.initializeMemory(as: UInt8.self, repeating: 0)
    unsafe template = .allocate(byteCount: BenchmarkFrame.size, alignment: 64)
    unsafe template.initializeMemory(as: UInt8.self, repeating: 0, count: BenchmarkFrame.size)
  }

  deinit {
    unsafe rooms.deallocate()
    unsafe template.deallocate()
  }

  /// Sends a packet with `flags` in each of `rounds`, which are rounded up to whole batches, the next client's every
  /// time; or, unless it `forwards`, does all else that such a round does.
  ///
  /// - Returns: CPU time.
  public func run(
    _ next: inout BenchmarkClients, _ flags: TCPHeader.Flags, rounds: Int, forwards: Bool
  ) -> Duration {
    unsafe BenchmarkFrame.emit(flags, into: PacketBytes(start: template, end: template + BenchmarkFrame.size))
    var clients = next
    defer { next = clients }
    let batches = (rounds + Self.batchSize - 1) / Self.batchSize
    return ThreadClock.measure {
      for _ in 0..<batches {
        for index in 0..<Self.batchSize { prepare(index, ofFlow: clients.take()) }
        if forwards { forwardBatch() }
      }
    }
  }

  private func room(_ index: Int) -> UnsafeMutableRawBufferPointer {
    let start = index &* Self.roomSize
    return unsafe UnsafeMutableRawBufferPointer(
      rebasing: rooms[start..<start + Self.headroom + BenchmarkFrame.size])
  }

  @inline(__always)
  private func prepare(_ index: Int, ofFlow flow: UInt32) {
    let room = unsafe room(index)
    let start = unsafe room.baseAddress.unsafelyUnwrapped + Self.headroom
    unsafe start.copyMemory(from: template, byteCount: BenchmarkFrame.size)
    unsafe BenchmarkFrame.setClient(ofFlow: flow, in: PacketBytes(start: start, end: start + BenchmarkFrame.size))
  }

  private func forwardBatch() {
    let now = Tick(nanoseconds: MonotonicClock.coarseNanoseconds)
    engine.withTables { tables in
      for index in 0..<Self.batchSize { _ = unsafe tables.forward(room(index), frameAt: Self.headroom, now: now) }
    }
  }
}

extension UserspaceEngine {
  /// What measures this engine's path with the tables as they are.
  public func benchmark() -> UserspaceBenchmark { UserspaceBenchmark(self) }
}
