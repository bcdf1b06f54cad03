// SPDX-License-Identifier: MIT
import BPF
import Balancing
import Capture
import Configuration
import DataPlane
import KernelEngine
import UserspaceEngine
import Wire

/// A packet of a capture, and what the data plane made of it.
struct PlayedPacket {
  let number: Int
  let verdict: Verdict
  /// The packet as it would be sent.
  let sent: CapturedPacket?

  /// A line for programs; docs/commands.md describes it.
  func json(_ configuration: DirectorConfiguration) throws -> String {
    let server = verdict == .sent ? sent.flatMap { packet in self.server(of: packet.bytes, configuration) } : nil
    let line = Line(
      packet: number, verdict: "\(verdict)", length: sent?.bytes.count, server: server?.name,
      address: server.map { "\($0.address)" })
    return try Output.jsonLine(line)
  }

  private struct Line: Encodable {
    let packet: Int
    let verdict: String
    let length: Int?
    let server: String?
    let address: String?
  }

  /// Whom a frame was sent to: the next hop's address is made of the server's.
  private func server(of frame: [UInt8], _ configuration: DirectorConfiguration) -> RealServer? {
    let nextHop = frame.prefix(6).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    return configuration.servers.first { Player.nextHop(to: $0.address).bits == nextHop }
  }
}

/// Runs packets through the data plane of one engine.
struct Player: ~Copyable {
  private let engine: any PlayerEngine

  init(_ configuration: DirectorConfiguration, engine kind: EngineKind, mtu: UInt16) throws {
    var state = ForwardingState()
    let paths = Dictionary(
      configuration.servers.map { ($0.address, Self.path(to: $0.address, from: configuration.sources, mtu: mtu)) }
    ) { first, _ in first }
    let update = try state.apply(configuration.balancing, paths: paths, now: Tick(rawValue: 1))
    engine =
      switch kind {
      case .userspace: try UserspacePlayer(update)
      case .kernel: try KernelPlayer(update)
      }
  }

  /// A way that needs no network: the next hop's address is made of the server's.
  private static func path(to server: IPAddress, from sources: [IPPrefix], mtu: UInt16) -> Destination.Path {
    let source = sources.first { $0.address.version == server.version }
    return Destination.Path(
      source: source ?? IPPrefix(host: server.version == .v4 ? Self.exampleV4 : Self.exampleV6),
      nextHop: nextHop(to: server),
      egress: MACAddress(bits: 0x0200_0000_0001), interface: 1, mtu: mtu)
  }

  static func nextHop(to server: IPAddress) -> MACAddress {
    MACAddress(bits: 0x0200_0000_0000 | server.mapped.low & 0xFFFF_FFFF)
  }

  // Addresses for documentation (RFC 5737, RFC 3849).
  private static let exampleV4 = IPAddress.v4(IPv4Address(bits: 0xC000_0201))
  private static let exampleV6 = IPAddress.v6(IPv6Address(high: 0x2001_0DB8_0000_0000, low: 1))

  mutating func play(_ packet: CapturedPacket, number: Int) throws -> PlayedPacket {
    let (verdict, bytes) = try engine.run(packet.bytes)
    guard verdict.action == .transmit || verdict.action == .reply else {
      return PlayedPacket(number: number, verdict: verdict, sent: nil)
    }
    var sent = packet
    sent.originalLength += bytes.count - packet.bytes.count
    sent.bytes = bytes
    return PlayedPacket(number: number, verdict: verdict, sent: sent)
  }
}

private protocol PlayerEngine: AnyObject {
  /// The verdict on a frame, and the frame afterwards.
  func run(_ frame: [UInt8]) throws -> (Verdict, [UInt8])
}

private final class UserspacePlayer: PlayerEngine {
  private let engine: UserspaceEngine
  /// Room for headers: the frame starts at an address that is 2 modulo 4.
  private static let headroom = 66

  init(_ update: TableUpdate) throws {
    engine = try UserspaceEngine()
    try engine.commit(update)
  }

  func run(_ frame: [UInt8]) -> (Verdict, [UInt8]) {
    var room = [UInt8](repeating: 0, count: Self.headroom) + frame
    let (decision, place) = unsafe room.withUnsafeMutableBytes { room in
      unsafe engine.forward(room, frameAt: Self.headroom, now: Tick(rawValue: 1))
    }
    return (decision.verdict, Array(room[place]))
  }
}

private final class KernelPlayer: PlayerEngine {
  private let engine: KernelEngine
  private var runner: TestRunner

  init(_ update: TableUpdate) throws {
    let engine = try KernelEngine()
    try engine.commit(update)
    runner = try engine.verdictRunner()
    self.engine = engine
  }

  func run(_ frame: [UInt8]) throws -> (Verdict, [UInt8]) {
    // No driver hands up less than an Ethernet header, and a test run refuses it.
    guard frame.count >= EthernetHeader.size else { return (.truncatedFrame, frame) }
    let result = unsafe try runner.run(frame.span.bytes)
    guard let verdict = Verdict(rawValue: UInt8(truncatingIfNeeded: result.returnValue)) else {
      throw CommandFailure("the kernel's program gave the unknown verdict \(result.returnValue)")
    }
    return (verdict, runner.copyOutput())
  }
}
