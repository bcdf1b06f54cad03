// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

@Suite struct EncapsulationTests {
  /// scapy: `Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:02") / c`, where c is
  /// `IP(src="198.51.100.7", dst="203.0.113.80", id=7, ttl=63, tos=0xb9)
  /// / TCP(sport=40000, dport=80, seq=1, flags="S", window=8192)`
  private let segment = hex(
    """
    020000000001020000000002080045b90028000700003f061485c6336407cb00
    71509c4000500000000100000000500220008cc50000
    """)
  /// As above with `c = IP(src="198.51.100.7", dst="203.0.113.80", id=7, ttl=63, options=[IPOption_Router_Alert()])
  /// / UDP(sport=40000, dport=53) / b"hello"`.
  private let datagramWithOptions = hex(
    """
    020000000001020000000002080046000025000700003f118031c6336407cb00
    7150940400009c400035000db90068656c6c6f
    """)

  @Test func `IPIP is what scapy makes of it`() {
    // Ether(dst="02:00:00:00:00:0b", src="02:00:00:00:00:0a")
    // / IP(proto=4, src="192.0.2.10", dst="10.1.0.11", id=0, flags="DF", ttl=64, tos=0xb9) / c
    let golden = hex(
      """
      02000000000b02000000000a080045b9003c0000400040046defc000020a0a01
      000b45b90028000700003f061485c6336407cb0071509c400050000000010000
      0000500220008cc50000
      """)
    #expect(dump(encapsulated(segment, by: Scene.ipip)) == dump(golden))
  }

  @Test func `GRE is what scapy makes of it`() {
    // … / IP(proto=47, …) / GRE(proto=0x800) / c
    let golden = hex(
      """
      02000000000b02000000000a080045b9004000004000402f6dc0c000020a0a01
      000b0000080045b90028000700003f061485c6336407cb0071509c4000500000
      000100000000500220008cc50000
      """)
    #expect(dump(encapsulated(segment, by: Scene.gre)) == dump(golden))
  }

  @Test func `The client's options travel in IPIP`() {
    let golden = hex(
      """
      02000000000b02000000000a0800450000390000400040046eabc000020a0a01
      000b46000025000700003f118031c6336407cb007150940400009c400035000d
      b90068656c6c6f
      """)
    #expect(dump(encapsulated(datagramWithOptions, by: Scene.ipip)) == dump(golden))
  }

  @Test func `The client's options travel in GRE`() {
    let golden = hex(
      """
      02000000000b02000000000a08004500003d00004000402f6e7cc000020a0a01
      000b0000080046000025000700003f118031c6336407cb007150940400009c40
      0035000db90068656c6c6f
      """)
    #expect(dump(encapsulated(datagramWithOptions, by: Scene.gre)) == dump(golden))
  }

  @Test func `Padding of the client's link stays behind the packet and counts as nothing`() {
    let environment = Scene.environment()
    #expect(decide(segment + [1, 2, 3, 4, 5, 6], in: environment).verdict == .sent)
    #expect(environment.frame == encapsulated(segment, by: Scene.ipip) + [1, 2, 3, 4, 5, 6])
    #expect(environment.traffic[Scene.ipip] == TrafficCounter(packets: 1, bytes: 40, flows: 1))
  }

  static let overheads: [(Encapsulation, Int, Int)] = [
    (.ipip, 20, 40), (.gre, 24, 44), (.greKey, 28, 48), (.fou, 28, 48), (.gue, 32, 52), (.l2, 0, 0),
  ]

  @Test(arguments: overheads)
  func `The overhead is what stands in front of the client's packet`(encapsulation: Encapsulation, v4: Int, v6: Int) {
    #expect(encapsulation.overhead(outer: .v4) == v4)
    #expect(encapsulation.overhead(outer: .v6) == v6)
    #expect(max(v4, v6) <= Encapsulation.largestOverhead)
  }

  @Test(arguments: Encapsulation.allCases, [IPVersion.v4, .v6])
  func `A packet fits up to the last byte of the way's MTU`(encapsulation: Encapsulation, outer: IPVersion) {
    for mtu in [128, 576, 1400, 1500, 9000, 65_535] as [UInt16] {
      let environment = Scene.environment()
      environment.destinations[Scene.ipip] = Cell(Scene.destination(encapsulation, mtu: mtu, outer: outer))
      let payload = Int(mtu) - encapsulation.overhead(outer: outer) - 40
      #expect(decide(Scene.tcp(payload: Array(repeating: 1, count: payload)), in: environment).verdict == .sent)
      #expect(environment.frame.count == 14 + Int(mtu))
      guard mtu < 65_535 || encapsulation != .l2 else { continue }
      let larger = Scene.tcp(payload: Array(repeating: 1, count: payload + 1))
      #expect(decide(larger, in: environment).verdict == .exceedsMTU)
      #expect(environment.frame == larger)
    }
  }

  @Test(arguments: Encapsulation.allCases, [IPVersion.v4, .v6])
  func `Headroom of exactly the overhead is enough, one byte less is not`(
    encapsulation: Encapsulation, outer: IPVersion
  ) {
    let overhead = encapsulation.overhead(outer: outer)
    let environment = Scene.environment()
    environment.destinations[Scene.ipip] = Cell(Scene.destination(encapsulation, outer: outer))
    #expect(decide(segment, in: environment, headroom: overhead).verdict == .sent)
    guard overhead > 0 else { return }
    #expect(decide(segment, in: environment, headroom: overhead - 1).verdict == .noHeadroom)
    #expect(environment.frame == segment)
  }

  @Test func `A packet leaves through the interface of its destination`() {
    let environment = Scene.environment()
    var path = Scene.path()
    path.interface = 4_000_000_000
    environment.destinations[Scene.ipip] = Cell(
      Destination(serviceIndex: 1, address: .v4("10.1.0.11"), outer: OuterHeader(.ipip), path: path))
    #expect(decide(segment, in: environment) == Decision(.sent, interface: 4_000_000_000))
  }

  @Test func `Packets, bytes and opened connections are counted for each destination`() {
    let environment = Scene.environment()
    _ = decide(Scene.tcp(.synchronize), in: environment)
    _ = decide(Scene.tcp([.synchronize, .acknowledge]), in: environment)
    _ = decide(Scene.tcp(payload: Array(repeating: 1, count: 100)), in: environment)
    _ = decide(Scene.udp(payload: Array(repeating: 1, count: 4)), in: environment)
    #expect(environment.traffic == [Scene.ipip: TrafficCounter(packets: 4, bytes: 40 + 40 + 140 + 32, flows: 1)])
    _ = decide(Scene.tcp(to: 81), in: environment)
    #expect(environment.traffic[Scene.ipip]?.packets == 4)
  }

  private func encapsulated(_ frame: [UInt8], by index: DestinationIndex) -> [UInt8] {
    let environment = Scene.environment(owner: index)
    #expect(decide(frame, in: environment) == Decision(.sent, interface: Scene.egressInterface))
    return environment.frame
  }
}
