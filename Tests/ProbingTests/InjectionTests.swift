// SPDX-License-Identifier: MIT
import BPF
import DataPlane
import KernelEngine
import Linux
import Netlink
import TestSupport
import Testing
import Wire

@testable import Probing

/// Frames that a real server receives though nobody sent them.
@Suite(.enabled(if: Host.injects, "\(Host.reason); \(Host.liveReason)"))
struct InjectionTests {
  private static let port: UInt16 = 80

  private static func flow(_ version: IPVersion, to port: UInt16 = port) -> ProbeFlow {
    ProbeFlow(
      from: Scene.director(version), to: Scene.virtualAddress(version), .connection(from: 50001, to: port))
  }

  private static func tunnel(
    _ encapsulation: Encapsulation, _ version: IPVersion, _ scene: Scene
  ) -> ServerTunnel {
    ServerTunnel(
      to: Scene.server(version), OuterHeader(encapsulation, computesUDPChecksum: true),
      by: Destination.Path(
        source: IPPrefix(host: Scene.director(version)), nextHop: scene.macAddress, egress: scene.neighbour,
        interface: scene.interface.rawValue, mtu: 1500))
  }

  /// What the host answers a SYN with, and why it dropped it, if it did.
  private static func answer(
    _ scene: Scene, _ flow: ProbeFlow, _ encapsulation: Encapsulation, outer: IPVersion, size: Int = 0
  ) throws -> (Answer?, DropReasons) {
    let carried = try tunnel(encapsulation, outer, scene).carry(ProbePacket(flow, size: size))
    let watch = try AnswerWatch(from: flow.destination)
    let injection = try Injection(into: scene.interface)
    let (_, reasons) = try DropReasons.watching { try injection.inject(carried.frame) }
    return (try watch.answer(to: carried.probe, in: carried.outer, within: .seconds(2)), reasons)
  }

  @Test(arguments: [IPVersion.v4, .v6], [0, 1500])
  func `of a SYN are answered by who listens`(_ version: IPVersion, size: Int) throws {
    try Scene.run { scene in
      let listener = try Listener(port: Self.port)
      defer { withExtendedLifetime(listener) {} }
      let (answer, _) = try Self.answer(scene, Self.flow(version), .l2, outer: version, size: size)
      #expect(answer?.content == .accepted)
      #expect(answer?.interface == scene.interface)
      #expect(answer?.source == Scene.virtualAddress(version))
    }
  }

  @Test(arguments: [IPVersion.v4, .v6])
  func `of a SYN are refused where nobody listens, and the kernel says so`(_ version: IPVersion) throws {
    try Scene.run { scene in
      let before = try NetworkCounters.now()
      let (answer, reasons) = try Self.answer(scene, Self.flow(version, to: 81), .l2, outer: version)
      #expect(answer?.content == .refused)
      #expect((try NetworkCounters.now() - before)["TcpOutRsts"] == 1)
      guard case .seen(let drops) = reasons else { return }
      // The neighbour's end of the cable, which has no use for the answer, comes second.
      #expect(drops.first?.reason == "NO_SOCKET")
      #expect(drops.first?.type == (version == .v4 ? .ipv4 : .ipv6))
    }
  }

  @Test(arguments: [Encapsulation.ipip, .gre, .gue, .fou], [IPVersion.v4, .v6])
  func `go through the decapsulator that is attached`(_ encapsulation: Encapsulation, outer: IPVersion) throws {
    try Scene.run { scene in
      try withDecapsulator(on: scene.interface, encapsulation) { decapsulator in
        let listener = try Listener(port: Self.port)
        defer { withExtendedLifetime(listener) {} }
        for inner in [IPVersion.v4, .v6] {
          let (answer, _) = try Self.answer(scene, Self.flow(inner), encapsulation, outer: outer)
          #expect(answer?.content == .accepted, "\(inner)")
        }
        #expect(try decapsulator.counters()[.decapsulated] == 2)
      }
    }
  }

  @Test(arguments: [IPVersion.v4, .v6])
  func `in a tunnel that nobody takes are answered about the tunnel`(_ version: IPVersion) throws {
    try Scene.run { scene in
      let carried = try Self.tunnel(.gue, version, scene).carry(ProbePacket(Self.flow(version)))
      let watch = try AnswerWatch(from: Scene.virtualAddress(version))
      try Injection(into: scene.interface).inject(carried.frame)
      let answer = try watch.answer(to: carried.probe, in: carried.outer, within: .seconds(2))
      #expect(answer?.content == .problem(ICMPProblem(kind: .portUnreachable, isAboutTunnel: true)))
      #expect(answer?.source == Scene.server(version))
    }
  }

  @Test func `are not too short and not too long`() throws {
    try Scene.run { scene in
      let injection = try Injection(into: scene.interface)
      #expect(throws: BPFError.self) { try injection.inject([1, 2, 3]) }
      #expect(throws: BPFError.self) { try injection.inject([UInt8](repeating: 0, count: 4096)) }
      #expect(throws: Never.self) { try injection.inject([UInt8](repeating: 0, count: 3200)) }
    }
  }
}
