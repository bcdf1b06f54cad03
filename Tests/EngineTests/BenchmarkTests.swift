// SPDX-License-Identifier: MIT
import BPF
import Balancing
import DataPlane
import KernelEngine
import Linux
import TestSupport
import Testing
import UserspaceEngine
import Wire

/// A benchmark is worth something only if each of its packets is sent: one that is let pass takes a shorter way.
struct BenchmarkTests {
  private static let rounds = 6400
  private static let flows: UInt32 = 1000

  /// Whether the service has unsettled slots, and what it is sent.
  struct Load: CustomTestStringConvertible, Sendable {
    let isSettled: Bool
    let flags: TCPHeader.Flags
    let encapsulation: Encapsulation

    var testDescription: String {
      "\(flags == .synchronize ? "SYN" : "ACK"), \(isSettled ? "settled" : "unsettled"), \(encapsulation)"
    }

    static let all = [true, false].flatMap { isSettled in
      [TCPHeader.Flags.synchronize, .acknowledge].flatMap { flags in
        Encapsulation.allCases.map { Load(isSettled: isSettled, flags: flags, encapsulation: $0) }
      }
    }

    var clients: BenchmarkClients {
      BenchmarkClients(flows: BenchmarkTests.flows, order: .scattered, encapsulation: encapsulation)
    }
  }

  @Test(.enabled(if: canLoadPrograms, "needs root, and a kernel that loads BPF programs"), arguments: Load.all)
  func `each round in the kernel sends its packet, and leaves the frame as it was`(_ load: Load) throws {
    let engine = try KernelEngine()
    try fill(engine, load)
    let benchmark = try engine.benchmark()
    var clients = load.clients
    _ = try benchmark.run(&clients, load.flags, rounds: Self.rounds, forwards: true)
    try expectAllSent(engine, load)
    #expect(benchmark.lastFrame() == frame(load, afterRounds: Self.rounds))
  }

  @Test(arguments: Load.all)
  func `each round in userspace sends its packet`(_ load: Load) throws {
    let engine = try UserspaceEngine()
    try fill(engine, load)
    var clients = load.clients
    _ = engine.benchmark().run(&clients, load.flags, rounds: Self.rounds, forwards: true)
    try expectAllSent(engine, load)
  }

  @Test(.enabled(if: canLoadPrograms, "needs root, and a kernel that loads BPF programs"))
  func `idle rounds send nothing, and clients take turns all the same`() throws {
    let load = Load(isSettled: true, flags: .acknowledge, encapsulation: .gre)
    let (kernel, userspace) = (try KernelEngine(), try UserspaceEngine())
    try fill(kernel, load)
    try fill(userspace, load)
    var (clients, others) = (load.clients, load.clients)
    _ = try kernel.benchmark().run(&clients, load.flags, rounds: Self.rounds, forwards: false)
    _ = userspace.benchmark().run(&others, load.flags, rounds: Self.rounds, forwards: false)
    #expect(try kernel.traffic().isEmpty && kernel.verdicts().isEmpty)
    #expect(userspace.traffic().isEmpty && userspace.verdicts().isEmpty)
    #expect(clients == others)
    #expect(clients != load.clients)
  }

  @Test(.enabled(if: canLoadPrograms, "needs root, and a kernel that loads BPF programs"))
  func `every program has a size, and fits the stack`() throws {
    let sizes = try ProgramSize.all()
    #expect(sizes.map(\.name).contains("director"))
    for size in sizes {
      #expect(size.instructions > 0)
      #expect(size.stack ?? 0 <= 512)
    }
  }

  private func expectAllSent(_ engine: some Engine, _ load: Load) throws {
    let total = try engine.traffic().values.reduce(TrafficCounter(), +)
    #expect(total.packets == UInt64(Self.rounds))
    #expect(total.bytes == UInt64(Self.rounds * BenchmarkFrame.packetSize))
    #expect(total.flows == (load.flags == .synchronize ? UInt64(Self.rounds) : 0))
    #expect(try engine.verdicts().isEmpty)
  }

  /// The frame of the flow whose turn it was last.
  private func frame(_ load: Load, afterRounds rounds: Int) -> [UInt8] {
    var clients = load.clients
    var flow: UInt32 = 0
    for _ in 0..<rounds { flow = clients.take() }
    let memory = PacketMemory(Array(repeating: 0, count: BenchmarkFrame.size))
    BenchmarkFrame.emit(load.flags, into: memory.packet)
    BenchmarkFrame.setClient(ofFlow: flow, in: memory.packet)
    return memory.bytes
  }

  private func fill(_ engine: some Engine, _ load: Load) throws {
    var state = ForwardingState()
    for servers in load.isSettled ? [["10.1.0.1"]] : [["10.1.0.1"], ["10.1.0.2"]] as [[IPv4Address]] {
      try engine.commit(
        state.apply([service(servers, load.encapsulation)], paths: Self.paths, now: EnginePair.now))
    }
  }

  private func service(_ servers: [IPv4Address], _ encapsulation: Encapsulation) -> Service {
    Service(
      name: "benchmark", address: .v4(BenchmarkFrame.service), port: BenchmarkFrame.port, transportProtocol: .tcp,
      tracking: .transitions, idleTimeout: .seconds(900), drainTimeout: .seconds(3600),
      members: servers.map { address in
        Member(server: RealServer(name: "\(address)", address: .v4(address), encapsulation: encapsulation))
      })
  }

  private static let paths: [IPAddress: Destination.Path] = Dictionary(
    uniqueKeysWithValues: (["10.1.0.1", "10.1.0.2"] as [IPv4Address]).map { address in
      let path = Destination.Path(
        source: IPPrefix(host: .v4("192.0.2.10")), nextHop: "02:00:00:00:01:00", egress: "02:00:00:00:00:01",
        interface: 1, mtu: 1500)
      return (.v4(address), path)
    })
}
