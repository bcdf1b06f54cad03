// SPDX-License-Identifier: MIT
public import BPF
public import DataPlane
import Linux
public import Wire

/// Runs the data plane in the kernel on packets of many clients, without any network, and says how long it takes.
public final class KernelBenchmark {
  private let clients: Map
  private var forwarding: TestRunner
  private var idle: TestRunner

  static let clientsSpec = MapSpec.array("benchmark", of: BenchmarkClients.self, maxEntries: 1)

  fileprivate init(_ engine: KernelEngine) throws {
    let clients = try Map.create(Self.clientsSpec)
    var maps = engine.maps.descriptors
    maps[Self.clientsSpec.name] = clients.descriptor
    let forwarding = try TestRunner(try Programs.load(.benchmark, maps: maps))
    let idle = try TestRunner(try Programs.load(.benchmarkIdle, maps: maps))
    self.forwarding = forwarding
    self.idle = idle
    self.clients = clients
  }

  /// Sends a packet with `flags` in each of `rounds`, the next client's every time; or, unless it `forwards`, does all
  /// else that such a round does.
  ///
  /// - Returns: CPU time, that of a system call included.
  public func run(
    _ next: inout BenchmarkClients, _ flags: TCPHeader.Flags, rounds: Int, forwards: Bool
  ) throws(BPFError) -> Duration {
    try clients.update(0 as UInt32, next)
    let frame = Self.frame(flags)
    let duration = try ThreadClock.measure { () throws(BPFError) in
      _ =
        unsafe forwards
        ? try forwarding.run(frame.span.bytes, repeat: rounds) : try idle.run(frame.span.bytes, repeat: rounds)
    }
    next = try clients.lookup(0 as UInt32) ?? next
    return duration
  }

  private static func frame(_ flags: TCPHeader.Flags) -> [UInt8] {
    var frame = [UInt8](repeating: 0, count: BenchmarkFrame.size)
    unsafe frame.withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      BenchmarkFrame.emit(flags, into: unsafe PacketBytes(start: start, end: start + bytes.count))
    }
    return frame
  }

  /// The frame as the last forwarding round left it.
  public func lastFrame() -> [UInt8] { forwarding.copyOutput() }
}

extension KernelEngine {
  /// What measures this engine's path with the tables as they are.
  public func benchmark() throws -> KernelBenchmark { try KernelBenchmark(self) }
}
