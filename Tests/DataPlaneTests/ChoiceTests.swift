// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

@Suite struct SettledSlotTests {
  @Test(arguments: [
    Scene.tcp(.synchronize), Scene.tcp(), Scene.udp(), Scene.packet(.v6).tcp(from: 40_000, to: 80).bytes,
    Scene.packet(.v6).udp(from: 40_000, to: 53).bytes,
  ])
  func `A packet in a settled slot takes four look-ups, and touches no memory of flows`(frame: [UInt8]) {
    let environment = Scene.environment()
    #expect(decide(frame, in: environment).verdict == .sent)
    #expect(environment.touches == Touches(services: 1, sourceFilters: 1, slots: 1, destinations: 1))
    #expect(environment.flowTable.all.isEmpty)
  }

  @Test func `What is remembered of a flow counts for nothing in a settled slot`() {
    let environment = Scene.environment()
    environment.flowTable.insert(Scene.hash(), Scene.gre, lastSeen: environment.now)
    #expect(environment.sends(Scene.tcp()) == Scene.ipip)
  }

  @Test func `A flow keeps to its slot`() {
    let environment = Scene.environment(owner: .nobody)
    let number = FlowHash.slot(Scene.hash(from: 40_000))
    environment.slots[SlotAddress(service: 1, number: number)] = Cell(.settled(owner: Scene.gre))
    #expect(decide(Scene.tcp(from: 40_000), in: environment).verdict == .sent)
    #expect(decide(Scene.tcp(from: 40_001), in: environment).verdict == .noServer)
  }

  @Test func `A packet for nobody is looked up once in each table that services are found by`() {
    let environment = Scene.environment()
    _ = decide(Scene.tcp(to: 81), in: environment)
    #expect(environment.touches == Touches(services: 1, virtualAddresses: 1, portTables: 1, sourceFilters: 1))
    _ = decide(Scene.tcp().replacing(33, with: 81), in: environment)
    #expect(environment.touches == Touches(services: 1, virtualAddresses: 1))
  }

  @Test func `A frame without an IP packet is not looked up`() {
    let environment = Scene.environment()
    _ = decide(Scene.tcp().replacing(12, with: 0x09), in: environment)
    #expect(environment.touches == Touches())
  }
}

/// In all of these the slot belongs to `ipip` since tick 900, and did to `gre` before; now is tick 1000.
@Suite struct UnsettledSlotTests {
  private let environment = Scene.unsettled()

  private var lastOther: UInt32? { environment.transitions[1]?.value.lastOther.rawValue }

  private func remembers(_ destination: DestinationIndex, at tick: UInt32) {
    environment.flowTable.insert(Scene.hash(), destination, lastSeen: Tick(rawValue: tick))
  }

  private var lastSeen: UInt32? { environment.flowTable[Scene.hash()]?.lastSeen(environment.now).rawValue }

  @Test func `A new flow goes to the owner and is remembered`() {
    #expect(environment.sends(Scene.tcp(.synchronize)) == Scene.ipip)
    let place = FlowPlace(hash: Scene.hash(), buckets: Capacity.flowBuckets)
    #expect(
      environment.flowTable[bucket: place.bucket] == [
        Flow(tag: place.tag, isPinned: true, destination: Scene.ipip, lastSeen: environment.now)
      ])
    #expect(environment.flowTable.all.count == 1)
    #expect(lastOther == 900)
  }

  @Test func `The flow's next packets follow it`() {
    #expect(environment.sends(Scene.tcp(.synchronize)) == Scene.ipip)
    environment.now = Tick(rawValue: 1_010)
    #expect(environment.sends(Scene.tcp()) == Scene.ipip)
    #expect(lastSeen == 1_010)
    #expect(lastOther == 900)
  }

  @Test func `An older flow goes to the previous owner, which is noted`() {
    #expect(environment.sends(Scene.tcp()) == Scene.gre)
    #expect(environment.flowTable.all.isEmpty)
    #expect(lastOther == 1_000)
  }

  /// Nobody is up any more; `gre` drains.
  @Test(arguments: [(false, Verdict.noServer), (true, .portReset)])
  func `A new flow of nobody's is refused and not remembered, while older ones go on`(refuses: Bool, verdict: Verdict) {
    let unserved = Scene.unsettled(owner: .nobody)
    let environment = refuses ? Scene.refusingUnserved(unserved, .connections) : unserved
    #expect(decide(Scene.tcp(.synchronize, from: 40_001), in: environment).verdict == verdict)
    #expect(environment.flowTable.all.isEmpty)
    #expect(environment.sends(Scene.tcp()) == Scene.gre)
    // Nor does a flood of them come to the server that drains.
    environment.commonSettings.value = Settings(prefixLengths: [128], flowLimit: 0, replyLimit: 1_000)
    #expect(decide(Scene.tcp(.synchronize, from: 40_002), in: environment).verdict == verdict)
  }

  @Test func `A flow that is remembered for a third server goes there, which is noted`() {
    environment.destinations[DestinationIndex(rawValue: 5)] = Cell(Scene.destination(.ipip))
    remembers(DestinationIndex(rawValue: 5), at: 950)
    #expect(environment.sends(Scene.tcp()) == DestinationIndex(rawValue: 5))
    #expect(lastOther == 1_000)
  }

  @Test(arguments: [(900, true), (899, false)] as [(UInt32, Bool)])
  func `What was last seen before the slot changed hands counts for nothing`(tick: UInt32, counts: Bool) {
    remembers(Scene.ipip, at: tick)
    #expect(environment.sends(Scene.tcp()) == (counts ? Scene.ipip : Scene.gre))
    #expect(lastSeen == (counts ? 1_000 : 899))
  }

  @Test func `A new flow with the ports of an old one is the owner's`() {
    remembers(Scene.gre, at: 950)
    #expect(environment.sends(Scene.tcp(.synchronize)) == Scene.ipip)
    #expect(environment.sends(Scene.tcp()) == Scene.ipip)
    #expect(environment.flowTable.all.count == 1)
  }

  @Test func `Where no more flows can be remembered a new one goes where its next packets will`() {
    let place = FlowPlace(hash: Scene.hash(), buckets: Capacity.flowBuckets)
    for other in 1...UInt64(FlowBucket.size) {
      environment.flowTable.insert(Scene.hash() ^ other << 40, Scene.ipip, lastSeen: Tick(rawValue: 950))
    }
    let before = environment.flowTable[bucket: place.bucket]
    #expect(environment.sends(Scene.tcp(.synchronize)) == Scene.gre)
    #expect(environment.sends(Scene.tcp()) == Scene.gre)
    #expect(environment.flowTable[bucket: place.bucket] == before)
    #expect(lastOther == 1_000)
  }

  @Test func `A new flow over the limit of a tick goes where its next packets will`() {
    environment.commonSettings.value = Settings(prefixLengths: [128], flowLimit: 1, replyLimit: 0)
    #expect(environment.sends(Scene.tcp(.synchronize, from: 1)) == Scene.ipip)
    #expect(environment.sends(Scene.tcp(.synchronize, from: 2)) == Scene.gre)
    #expect(environment.sends(Scene.tcp(from: 2)) == Scene.gre)
    #expect(environment.sends(Scene.tcp(from: 1)) == Scene.ipip)
    #expect(environment.flowTable.all.count == 1)
    environment.now = Tick(rawValue: 1_001)
    #expect(environment.sends(Scene.tcp(.synchronize, from: 3)) == Scene.ipip)
  }

  @Test func `A flow whose server is down goes to the previous owner`() {
    remembers(Scene.down, at: 950)
    #expect(environment.sends(Scene.tcp()) == Scene.gre)
    #expect(lastSeen == 950)
  }

  @Test func `A flow whose server has no row goes to the previous owner`() {
    remembers(DestinationIndex(rawValue: 99), at: 950)
    #expect(environment.sends(Scene.tcp()) == Scene.gre)
  }

  @Test func `A flow that another service remembers is not this one's`() {
    let other = FlowHash.of(Scene.flow(), seed: Scene.seed(Scene.names))
    environment.flowTable.insert(other, Scene.ipip, lastSeen: environment.now)
    #expect(environment.sends(Scene.tcp()) == Scene.gre)
  }

  @Test func `An older flow without a previous owner has no server`() {
    environment.transitions[1]?.value.previous = .nobody
    #expect(decide(Scene.tcp(), in: environment).verdict == .noServer)
    #expect(environment.sends(Scene.tcp(.synchronize)) == Scene.ipip)
  }

  @Test func `A slot without a transition belongs to its owner`() {
    environment.transitions = [:]
    #expect(environment.sends(Scene.tcp()) == Scene.ipip)
    #expect(
      environment.touches == Touches(services: 1, sourceFilters: 1, slots: 1, transitions: 1, destinations: 1))
  }

  @Test func `A service that tracks nothing sends all to the owner`() {
    #expect(environment.sends(Scene.udp()) == Scene.ipip)
    #expect(environment.touches == Touches(services: 1, sourceFilters: 1, slots: 1, destinations: 1))
    #expect(environment.transitions[2]?.value.lastOther == Tick(rawValue: 900))
  }

  @Test func `No packet takes more than seven look-ups`() {
    _ = decide(Scene.tcp(.synchronize), in: environment)
    #expect(
      environment.touches
        == Touches(services: 1, sourceFilters: 1, slots: 1, transitions: 1, destinations: 1, flows: 1))
    _ = decide(Scene.tcp(), in: environment)
    #expect(
      environment.touches
        == Touches(services: 1, sourceFilters: 1, slots: 1, transitions: 1, destinations: 2, flows: 1))
  }
}
