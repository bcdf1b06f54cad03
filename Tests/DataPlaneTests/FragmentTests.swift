// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// Datagrams that come in three pieces, in every order. What has no ports would go to `ipip`; the flow's own slot is `gre`'s.
@Suite struct FragmentTests {
  static let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
  static let versions = [IPVersion.v4, .v6]

  /// How the virtual addresses are served.
  enum Sharing: CaseIterable {
    case one, several, different
  }

  private func environment(_ sharing: Sharing = .one, hashes: Bool = false) -> TestEnvironment {
    let environment = Scene.environment()
    let services = Self.versions.flatMap { version in
      let index = version == .v4 ? Scene.names : Scene.names6
      return (0..<(sharing == .one ? 1 : 3)).map { number in
        let entry = ServiceEntry(
          index: index, hashSeed: Scene.seed(index) &+ UInt32(number), tracking: .none, hashesFragments: hashes)
        let port = 53 + UInt16(number)
        return TestService(
          Scene.virtualAddress(version), port...port, .udp, entry, group: sharing == .different ? number : 0)
      }
    }
    environment.install(services)
    for version in Self.versions {
      let index = version == .v4 ? Scene.names : Scene.names6
      let slot = FlowHash.slot(FlowHash.of(Scene.flow(version, .udp), seed: Scene.seed(index)))
      environment.slots[SlotAddress(service: index, number: slot)] = Cell(.settled(owner: Scene.gre))
    }
    return environment
  }

  static func pieces(_ version: IPVersion, identification: UInt16 = 9) -> [[UInt8]] {
    let packet =
      version == .v4
      ? PacketBuilder().ethernet().ipv4(
        from: Scene.client, to: Scene.virtualAddress, identification: identification)
      : Scene.packet(.v6)
    let frame = packet.udp(from: 40_000, to: 53, payload: Array(repeating: 7, count: 300)).bytes
    return fragments(of: frame, mtu: 160, identification: UInt32(identification))
  }

  @Test func `The datagrams here come in three pieces`() {
    #expect(Self.versions.allSatisfy { Self.pieces($0).count >= 3 })
  }

  @Test(arguments: versions, orders)
  func `All pieces reach one server, whichever comes first`(version: IPVersion, order: [Int]) {
    for sharing in [Sharing.one, .several] {
      let environment = environment(sharing)
      let reached = order.map { environment.sends(Self.pieces(version)[$0]) }
      #expect(Set(reached).count == 1 && reached[0] != nil, "\(sharing): \(reached)")
      #expect(order[0] != 0 || reached[0] == Scene.gre)
      #expect(environment.fragmentTable.all.count == 1)
    }
  }

  @Test(arguments: versions, orders)
  func `Where services have different servers, only the first piece is delivered`(version: IPVersion, order: [Int]) {
    let environment = environment(.different)
    for (policy, verdict) in [(UnconfiguredPortPolicy.drop, Verdict.unmatchedFragment), (.pass, .unconfiguredPort)] {
      for entry in environment.virtualAddresses.values {
        entry.value = VirtualAddressEntry(number: entry.value.number, unconfiguredPorts: policy, answersEcho: true)
      }
      for piece in order {
        let decision = decide(Self.pieces(version)[piece], in: environment)
        #expect(decision.verdict == (piece == 0 ? .sent : verdict))
      }
    }
  }

  @Test(arguments: versions, orders)
  func `Pieces that are hashed by their addresses are not remembered`(version: IPVersion, order: [Int]) {
    let environment = environment(hashes: true)
    let reached = order.map { environment.sends(Self.pieces(version)[$0]) }
    #expect(Set(reached) == [Scene.ipip])
    #expect(environment.fragmentTable.all.isEmpty && environment.touches.fragments == 0)
    let whole = Scene.packet(version).udp(from: 40_000, to: 53).bytes
    #expect(environment.sends(whole) == Scene.gre)
  }

  @Test(arguments: versions, [(15, true), (16, false)] as [(UInt32, Bool)])
  func `Where a first piece went is known for 15 ticks`(version: IPVersion, item: (UInt32, Bool)) {
    let environment = environment()
    let pieces = Self.pieces(version)
    #expect(environment.sends(pieces[0]) == Scene.gre)
    environment.now = Tick(rawValue: 1_000 + item.0)
    #expect(environment.sends(pieces[1]) == (item.1 ? Scene.gre : Scene.ipip))
  }

  @Test(arguments: versions)
  func `Another datagram's pieces are another's`(version: IPVersion) {
    let environment = environment()
    #expect(environment.sends(Self.pieces(version)[0]) == Scene.gre)
    #expect(environment.sends(Self.pieces(version, identification: 10)[1]) == Scene.ipip)
  }

  @Test(arguments: versions)
  func `Pieces move on when their server goes down`(version: IPVersion) {
    let environment = environment()
    #expect(environment.sends(Self.pieces(version)[0]) == Scene.gre)
    environment.destinations[Scene.gre] = environment.destinations[Scene.down]
    #expect(environment.sends(Self.pieces(version)[1]) == Scene.ipip)
  }
}
