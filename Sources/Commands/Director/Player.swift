// SPDX-License-Identifier: MIT
import BPF
import Balancing
import Capture
import Configuration
import DataPlane
import FoundationEssentials
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
    let server = sent.flatMap { packet in outerDestination(packet.bytes) }
    let line = Line(
      packet: number, verdict: "\(verdict)", length: sent?.bytes.count,
      server: server.flatMap { address in configuration.servers.first { $0.address == .v4(address) }?.name },
      address: server.map { "\($0)" })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(line), as: UTF8.self)
  }

  private struct Line: Encodable {
    let packet: Int
    let verdict: String
    let length: Int?
    let server: String?
    let address: String?
  }

  private func outerDestination(_ frame: [UInt8]) -> IPv4Address? {
    guard frame.count >= EthernetHeader.size + IPv4Header.size else { return nil }
    return IPv4Address(bits: frame[30..<34].reduce(0) { $0 << 8 | UInt32($1) })
  }
}

/// Runs packets through the data plane of one engine.
struct Player: ~Copyable {
  private let engine: any PlayerEngine

  init(_ configuration: DirectorConfiguration, engine kind: EngineKind, mtu: UInt16) throws {
    var state = ForwardingState()
    let paths = Dictionary(
      configuration.servers.map { ($0.address, Self.path(to: $0.address, from: configuration.source, mtu: mtu)) }
    ) { first, _ in first }
    let update = try state.apply(configuration.services, paths: paths, now: Tick(rawValue: 1))
    engine =
      switch kind {
      case .userspace: try UserspacePlayer(update)
      case .kernel: try KernelPlayer(update)
      }
  }

  /// A way that needs no network: the next hop's address is made of the server's.
  private static func path(to server: IPAddress, from source: IPAddress?, mtu: UInt16) -> Destination.Path {
    Destination.Path(
      source: source ?? .v4(IPv4Address(bits: 0xC000_0201)),
      nextHop: MACAddress(bits: 0x0200_0000_0000 | server.mapped.low & 0xFFFF_FFFF),
      egress: MACAddress(bits: 0x0200_0000_0001), interface: 1, mtu: mtu)
  }

  mutating func play(_ packet: CapturedPacket, number: Int) throws -> PlayedPacket {
    let (verdict, bytes) = try engine.run(packet.bytes)
    guard verdict == .sent else { return PlayedPacket(number: number, verdict: verdict, sent: nil) }
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
    let (decision, start) = unsafe room.withUnsafeMutableBytes { room in
      unsafe engine.forward(room, frameAt: Self.headroom, now: Tick(rawValue: 1))
    }
    return (decision.verdict, Array(room[start...]))
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
