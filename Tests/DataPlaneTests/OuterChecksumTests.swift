// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// The UDP checksum of tunnels, which is not computed over the payload, against one that is.
@Suite struct OuterChecksumTests {
  struct Inner: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let packet: @Sendable (IPVersion, [UInt8]) -> [UInt8]
    /// Whether the sum follows from the packet's own checksums.
    var follows = true
  }

  static let inners = [
    Inner(testDescription: "TCP") { Scene.packet($0).tcp(from: 40_000, to: 80, payload: $1).bytes },
    Inner(testDescription: "UDP") { Scene.packet($0).udp(from: 40_000, to: 53, payload: $1).bytes },
    Inner(testDescription: "ICMP") { icmp($0, $1) },
    Inner(
      testDescription: "UDP without checksum",
      packet: {
        Scene.packet($0).udp(from: 40_000, to: 53, payload: $1, checksum: 0).bytes
      }, follows: false),
    Inner(
      testDescription: "UDP that is longer than it says",
      packet: {
        Scene.packet($0).udp(from: 40_000, to: 53, payload: $1 + [0], length: 8).bytes
      }, follows: false),
    Inner(
      testDescription: "a fragment",
      packet: { version, payload in
        let frame = Scene.packet(version).udp(from: 40_000, to: 53, payload: payload + Array(repeating: 7, count: 400))
          .bytes
        return fragments(of: frame, mtu: 200)[0]
      }, follows: false),
  ]

  private static func icmp(_ version: IPVersion, _ payload: [UInt8]) -> [UInt8] {
    let quote = PacketBuilder().ip(from: Scene.virtualAddress(version), to: Scene.client(version))
      .tcp(from: 80, to: 40_000, payload: payload).bytes
    return version == .v4
      ? Scene.packet(.v4).icmp(type: 3, code: 4, rest: 1400, payload: quote).bytes
      : Scene.packet(.v6).icmpv6(type: 2, rest: 1400, payload: quote).bytes
  }

  /// The sum over pseudo header and datagram, whose checksum field is part of it: 0 where that is right.
  private func remainder(_ frame: [UInt8], _ outer: IPVersion) -> UInt16 {
    let header = outer == .v4 ? 20 : 40
    let addresses = frame[(14 + (outer == .v4 ? 12 : 8))..<(14 + header)]
    let datagram = Array(frame[(14 + header)...])
    return internetChecksum(Array(addresses) + UInt32(datagram.count).octets + [0, 0, 0, 17] + datagram)
  }

  private func field(_ frame: [UInt8], _ outer: IPVersion) -> UInt16 {
    let offset = 14 + (outer == .v4 ? 20 : 40) + 6
    return UInt16(frame[offset]) << 8 | UInt16(frame[offset + 1])
  }

  @Test(arguments: inners, [Encapsulation.gue, .fou])
  func `It is right where it follows from the client's checksums, else there is none`(
    inner: Inner, encapsulation: Encapsulation
  ) {
    var random = SplitMix64(seed: 11)
    for outer in [IPVersion.v4, .v6] {
      let environment = Scene.environment()
      let header = OuterHeader(encapsulation, computesUDPChecksum: true)
      environment.destinations[Scene.ipip] = Cell(
        Scene.destination(header, path: Scene.path(mtu: 9000, outer: outer), outer: outer))
      for version in [IPVersion.v4, .v6] {
        for count in [0, 1, 2, 3, 100, 1001] {
          let payload = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
          #expect(decide(inner.packet(version, payload), in: environment).verdict == .sent)
          let value = field(environment.frame, outer)
          #expect((value != 0) == inner.follows)
          if inner.follows { #expect(remainder(environment.frame, outer) == 0) }
        }
      }
    }
  }

  @Test(arguments: [IPVersion.v4, .v6])
  func `It is never sent as zero`(outer: IPVersion) {
    let environment = Scene.environment()
    let header = OuterHeader(.fou, computesUDPChecksum: true)
    environment.destinations[Scene.ipip] = Cell(Scene.destination(header, path: Scene.path(outer: outer), outer: outer))
    for word in stride(from: 0 as UInt16, to: .max, by: 29) {
      let frame = PacketBuilder().ethernet()
        .ipv4(from: Scene.client, to: Scene.virtualAddress, identification: word).tcp(from: 40_000, to: 80).bytes
      _ = decide(frame, in: environment)
      #expect(field(environment.frame, outer) != 0 && remainder(environment.frame, outer) == 0)
    }
  }

  @Test(arguments: [Encapsulation.gue, .fou], [IPVersion.v4, .v6])
  func `There is none unless it is asked for`(encapsulation: Encapsulation, outer: IPVersion) {
    let environment = Scene.environment()
    environment.destinations[Scene.ipip] = Cell(Scene.destination(encapsulation, outer: outer))
    #expect(decide(Scene.tcp(), in: environment).verdict == .sent)
    #expect(field(environment.frame, outer) == 0)
  }
}
