// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// VLAN tags of clients' frames, and those that packets leave with.
@Suite struct LinkTests {
  @Test(arguments: Encapsulation.allCases, [[], [5], [5, 6]] as [[UInt16]])
  func `A packet leaves with the tag of the way, whatever it came with`(encapsulation: Encapsulation, tags: [UInt16]) {
    for (vlan, version) in [(0 as UInt16, IPVersion.v4), (9, .v4), (0, .v6), (9, .v6)] {
      let environment = Scene.environment()
      environment.destinations[Scene.ipip] = Cell(Scene.destination(encapsulation, vlan: vlan))
      let frame = Scene.packet(version, tags: tags).tcp(from: 40_000, to: 80, payload: [1, 2, 3]).bytes
      let packet = Array(frame[(14 + 4 * tags.count)...])
      let growth = encapsulation.overhead(outer: .v4) + (vlan == 0 ? 0 : 4) - 4 * tags.count
      #expect(decide(frame, in: environment, headroom: max(growth, 0)).verdict == .sent)
      #expect(environment.frame.count == frame.count + growth)
      #expect(Array(environment.frame.suffix(packet.count)) == packet)
      let type: UInt16 = encapsulation == .l2 && version == .v6 ? 0x86DD : 0x0800
      let link = PacketBuilder().ethernet(
        from: "02:00:00:00:00:0a", to: "02:00:00:00:00:0b", type: vlan == 0 ? type : nil)
      let header = vlan == 0 ? link.bytes : link.vlan(id: vlan, type: type).bytes
      #expect(dump(Array(environment.frame.prefix(header.count))) == dump(header))
      guard growth > 0 else { continue }
      #expect(decide(frame, in: environment, headroom: growth - 1).verdict == .noHeadroom)
      #expect(environment.frame == frame)
    }
  }
}
