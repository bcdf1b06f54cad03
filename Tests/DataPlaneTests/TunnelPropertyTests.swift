// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

@Suite struct TunnelPropertyTests {
  @Test(arguments: TestTunnel.all, [[], [200, 100]] as [[UInt16]])
  func `A frame cut short anywhere stays as it is`(tunnel: TestTunnel, tags: [UInt16]) {
    let frame = tunnel.frame(tunnel.packet(ClientPacket.icmpError.bytes(tunnel.inner)), tags: tags)
    var environment = RealServerScene.environment()
    for count in 0..<frame.count {
      environment.receive(Array(frame.prefix(count)))
      #expect(decapsulate(&environment) != .decapsulated)
      #expect(environment.frame == Array(frame.prefix(count)))
    }
  }

  @Test(arguments: TestTunnel.all)
  func `With any bit flipped, a frame stays as it is or becomes a packet that was in it`(tunnel: TestTunnel) {
    let frame = tunnel.frame(tunnel.packet(ClientPacket.tcp.bytes(tunnel.inner)), tags: [100])
    var environment = RealServerScene.environment()
    for bit in 0..<frame.count * 8 {
      let flipped = frame[bit / 8] ^ (1 as UInt8) << UInt8(bit % 8)
      let damaged = frame.replacing(bit / 8, with: flipped)
      environment.receive(damaged)
      if decapsulate(&environment) == .decapsulated {
        #expect(environment.frame.prefix(12) == damaged.prefix(12))
        // ECN aside, which is in the first two bytes of the packet, and IPv4's checksum.
        let count = environment.frame.count - 18 - 12
        #expect(environment.frame.suffix(count) == damaged.suffix(count), "bit \(bit)")
      } else {
        #expect(environment.frame == damaged, "bit \(bit)")
      }
    }
  }

  @Test func `No frame whatever leads out of its bounds, and every one is counted once`() {
    let seed = SplitMix64.freshSeed()
    print("TunnelPropertyTests: seed \(seed)")
    let services = [IPVersion.v4, .v6].flatMap { version in
      [4, 41, 47, 17].map { number in
        (RealServerScene.endpoint(version), 6080 as UInt16, TransportProtocol(rawValue: number))
      }
    }
    var generator = PacketGenerator(seed: seed, services: services)
    var realServer = RealServerScene.environment()
    for _ in 0..<20_000 {
      realServer.receive(generator.next())
      _ = decapsulate(&realServer)
    }
    #expect(realServer.verdicts.values.reduce(0, +) == 20_000)
  }
}
