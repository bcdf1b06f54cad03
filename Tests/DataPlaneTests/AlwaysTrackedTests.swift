// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// A service whose flows are remembered always. All slots belong to `ipip` at first; now is tick 1000.
@Suite struct AlwaysTrackedTests {
  private let environment = Scene.environment()
  private static let idleTimeout: UInt32 = 100

  init() {
    for (key, cell) in environment.services {
      environment.services[key] = Cell(
        ServiceEntry(
          index: cell.value.index, hashSeed: cell.value.hashSeed, tracking: .always, idleTimeout: Self.idleTimeout))
    }
  }

  private func changeOwner(to owner: DestinationIndex) {
    for service in Scene.all { environment.commonSlots[service]?.value = .settled(owner: owner) }
  }

  private func flow(from port: UInt16 = 40_000, _ version: IPVersion = .v4) -> Flow? {
    let seed = Scene.seed(version == .v4 ? Scene.names : Scene.names6)
    return environment.flowTable[FlowHash.of(Scene.flow(version, .udp, from: port), seed: seed)]
  }

  private static func query(_ version: IPVersion, from port: UInt16 = 40_000) -> [UInt8] {
    Scene.packet(version).udp(from: port, to: 53).bytes
  }

  @Test(arguments: [IPVersion.v4, .v6])
  func `A conversation stays where it began when the table changes`(version: IPVersion) {
    #expect(environment.sends(Self.query(version)) == Scene.ipip)
    #expect(flow(version)?.destination == Scene.ipip && flow(version)?.isPinned == false)
    changeOwner(to: Scene.gre)
    #expect(environment.sends(Self.query(version)) == Scene.ipip)
    #expect(environment.sends(Self.query(version, from: 2)) == Scene.gre)
    #expect(environment.traffic[Scene.ipip]?.flows == 1 && environment.traffic[Scene.gre]?.flows == 1)
  }

  private func flow(_ version: IPVersion) -> Flow? { flow(from: 40_000, version) }

  @Test(arguments: [(100, true), (101, false)] as [(UInt32, Bool)])
  func `A conversation ends when it was silent for longer than the idle timeout`(silence: UInt32, goesOn: Bool) {
    _ = decide(Scene.udp(), in: environment)
    changeOwner(to: Scene.gre)
    environment.now = Tick(rawValue: 1_000 + silence)
    #expect(environment.sends(Scene.udp()) == (goesOn ? Scene.ipip : Scene.gre))
    #expect(flow()?.lastSeen(environment.now) == environment.now)
  }

  @Test func `Each packet prolongs it`() {
    _ = decide(Scene.udp(), in: environment)
    changeOwner(to: Scene.gre)
    for step in 1...20 as ClosedRange<UInt32> {
      environment.now = Tick(rawValue: 1_000 + step * 90)
      #expect(environment.sends(Scene.udp()) == Scene.ipip)
    }
  }

  @Test func `A conversation moves when its server is down, and stays then`() {
    _ = decide(Scene.udp(), in: environment)
    changeOwner(to: Scene.gre)
    environment.destinations[Scene.ipip] = environment.destinations[Scene.down]
    #expect(environment.sends(Scene.udp()) == Scene.gre)
    changeOwner(to: Scene.unreachable)
    #expect(environment.sends(Scene.udp()) == Scene.gre)
  }

  @Test func `Who opens a connection anew is a new flow`() {
    #expect(environment.sends(Scene.tcp(.synchronize)) == Scene.ipip)
    changeOwner(to: Scene.gre)
    #expect(environment.sends(Scene.tcp()) == Scene.ipip)
    #expect(environment.sends(Scene.tcp(.synchronize)) == Scene.gre)
    #expect(environment.sends(Scene.tcp()) == Scene.gre)
    #expect(environment.flowTable.all.count == 1)
  }

  @Test func `An ICMP error follows a conversation, and begins none`() {
    let quote = PacketBuilder().ipv4(from: Scene.virtualAddress, to: Scene.client).udp(from: 53, to: 40_000).bytes
    let error = PacketBuilder().ethernet().ipv4(from: "192.0.2.99", to: Scene.virtualAddress)
      .icmp(type: 3, code: 3, payload: quote).bytes
    #expect(environment.sends(error) == Scene.ipip)
    #expect(environment.flowTable.all.isEmpty)
    _ = decide(Scene.udp(), in: environment)
    changeOwner(to: Scene.gre)
    #expect(environment.sends(error) == Scene.ipip)
    #expect(environment.flowTable.all.count == 1)
  }

  @Test func `Over the limit of a tick nothing is remembered, and everything is forwarded`() {
    environment.commonSettings.value = Settings(prefixLengths: [128], flowLimit: 10, replyLimit: 0)
    for port in 1...100 as ClosedRange<UInt16> { #expect(environment.sends(Scene.udp(from: port)) == Scene.ipip) }
    #expect(environment.flowTable.all.count == 10)
    environment.now = Tick(rawValue: 1_001)
    for port in 1...100 as ClosedRange<UInt16> { #expect(environment.sends(Scene.udp(from: port)) == Scene.ipip) }
    #expect(environment.flowTable.all.count == 20)
  }

  // MARK: A full bucket

  private static var hash: UInt64 { FlowHash.of(Scene.flow(.v4, .udp), seed: Scene.seed(Scene.names)) }
  private static var bucket: UInt32 { FlowPlace(hash: hash, buckets: Capacity.flowBuckets).bucket }

  /// Fills the flow's bucket: each place with a flow that was silent for so long, and is pinned or not.
  private func fill(_ flows: [(silence: UInt32, isPinned: Bool)]) {
    for (number, flow) in flows.enumerated() {
      environment.flowTable.insert(
        Self.hash ^ UInt64(number + 1) << 40, Scene.gre, lastSeen: Tick(rawValue: 1_000 - flow.silence),
        isPinned: flow.isPinned)
    }
  }

  private static let full: [(silence: UInt32, isPinned: Bool)] = [
    (900, true), (5, false), (700, true), (40, false), (39, false), (999, true), (0, false), (800, true),
  ]

  @Test func `In a full bucket the flow makes room that was silent longest, and is not pinned`() {
    fill(Self.full)
    let before = environment.flowTable[bucket: Self.bucket]
    #expect(environment.sends(Scene.udp()) == Scene.ipip)
    let after = environment.flowTable[bucket: Self.bucket]
    #expect(after.enumerated().filter { $0.element != before[$0.offset] }.map(\.offset) == [3])
    #expect(flow()?.destination == Scene.ipip)
  }

  @Test func `Flows that are pinned make no room`() {
    fill(Self.full.map { ($0.silence, true) })
    let before = environment.flowTable[bucket: Self.bucket]
    #expect(environment.sends(Scene.udp()) == Scene.ipip)
    #expect(environment.flowTable[bucket: Self.bucket] == before)
  }

  @Test func `A flow that must not be forgotten takes nobody's place`() {
    let unsettled = Scene.unsettled()
    let hash = Scene.hash()
    for number in 1...UInt64(FlowBucket.size) {
      unsettled.flowTable.insert(hash ^ number << 40, Scene.gre, lastSeen: Tick(rawValue: 950), isPinned: false)
    }
    let before = unsettled.flowTable.all.count
    #expect(unsettled.sends(Scene.tcp(.synchronize)) == Scene.gre)
    #expect(unsettled.flowTable.all.count == before && unsettled.flowTable[hash] == nil)
  }
}
