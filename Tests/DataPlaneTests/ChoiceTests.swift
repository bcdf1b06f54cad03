// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

@Suite struct SettledSlotTests {
  @Test(arguments: [Scene.tcp(.synchronize), Scene.tcp(), Scene.udp()])
  func `A packet in a settled slot touches no memory of flows`(frame: [UInt8]) {
    let environment = Scene.environment()
    #expect(decide(frame, in: environment).verdict == .sent)
    #expect(environment.touches == Touches(services: 1, slots: 1, destinations: 1))
    #expect(environment.flows.isEmpty)
  }

  @Test func `What is remembered of a flow counts for nothing in a settled slot`() {
    let environment = Scene.environment()
    environment.flows[Scene.flowKey()] = Cell(Flow(destination: Scene.gre, lastSeen: environment.now))
    #expect(decide(Scene.tcp(), in: environment).verdict == .sent)
    #expect(Array(environment.traffic.keys) == [Scene.ipip])
  }

  @Test func `A flow keeps to its slot`() {
    let environment = Scene.environment(owner: .nobody)
    let hash = FlowHash.of(
      client: IPv6Address(mapping: Scene.client), clientPort: 40_000,
      service: IPv6Address(mapping: Scene.virtualAddress), port: 80, seed: 0x1234_5678)
    environment.slots[SlotAddress(service: 1, number: FlowHash.slot(hash))] = Cell(.settled(owner: Scene.gre))
    #expect(decide(Scene.tcp(from: 40_000), in: environment).verdict == .sent)
    #expect(decide(Scene.tcp(from: 40_001), in: environment).verdict == .noServer)
  }

  @Test func `A packet for nobody is looked up once`() {
    let environment = Scene.environment()
    _ = decide(Scene.tcp(to: 81), in: environment)
    #expect(environment.touches == Touches(services: 1))
  }

  @Test func `A frame that is no datagram is not looked up`() {
    let environment = Scene.environment()
    _ = decide(Scene.tcp(fragment: 0x2000), in: environment)
    #expect(environment.touches == Touches())
  }
}

/// In all of these the slot belongs to `ipip` since tick 900, and did to `gre` before; now is tick 1000.
@Suite struct UnsettledSlotTests {
  private let environment = Scene.unsettled()

  private func sent(_ frame: [UInt8]) -> DestinationIndex? {
    let before = environment.traffic
    guard decide(frame, in: environment).verdict == .sent else { return nil }
    return environment.traffic.first { before[$0.key] != $0.value }?.key
  }

  private var lastOther: UInt32? { environment.transitions[1]?.value.lastOther.rawValue }

  @Test func `A new flow goes to the owner and is remembered`() {
    #expect(sent(Scene.tcp(.synchronize)) == Scene.ipip)
    #expect(
      environment.flows.mapValues(\.value) == [
        Scene.flowKey(): Flow(destination: Scene.ipip, lastSeen: environment.now)
      ])
    #expect(lastOther == 900)
  }

  @Test func `The flow's next packets follow it`() {
    #expect(sent(Scene.tcp(.synchronize)) == Scene.ipip)
    environment.now = Tick(rawValue: 1_010)
    #expect(sent(Scene.tcp()) == Scene.ipip)
    #expect(environment.flows[Scene.flowKey()]?.value.lastSeen == Tick(rawValue: 1_010))
    #expect(lastOther == 900)
  }

  @Test func `An older flow goes to the previous owner, which is noted`() {
    #expect(sent(Scene.tcp()) == Scene.gre)
    #expect(environment.flows.isEmpty)
    #expect(lastOther == 1_000)
  }

  @Test func `A flow that is remembered for a third server goes there, which is noted`() {
    environment.destinations[DestinationIndex(rawValue: 5)] = Cell(Scene.destination(.ipip))
    environment.flows[Scene.flowKey()] = Cell(
      Flow(destination: DestinationIndex(rawValue: 5), lastSeen: Tick(rawValue: 950)))
    #expect(sent(Scene.tcp()) == DestinationIndex(rawValue: 5))
    #expect(lastOther == 1_000)
  }

  @Test(arguments: [(900, true), (899, false)] as [(UInt32, Bool)])
  func `What was last seen before the slot changed hands counts for nothing`(lastSeen: UInt32, counts: Bool) {
    environment.flows[Scene.flowKey()] = Cell(Flow(destination: Scene.ipip, lastSeen: Tick(rawValue: lastSeen)))
    #expect(sent(Scene.tcp()) == (counts ? Scene.ipip : Scene.gre))
    #expect(environment.flows[Scene.flowKey()]?.value.lastSeen.rawValue == (counts ? 1_000 : 899))
  }

  @Test func `A new flow with the ports of an old one is the owner's`() {
    environment.flows[Scene.flowKey()] = Cell(Flow(destination: Scene.gre, lastSeen: Tick(rawValue: 950)))
    #expect(sent(Scene.tcp(.synchronize)) == Scene.ipip)
    #expect(sent(Scene.tcp()) == Scene.ipip)
  }

  @Test func `Where no more flows can be remembered a new one goes where its next packets will`() {
    environment.flowCapacity = 0
    #expect(sent(Scene.tcp(.synchronize)) == Scene.gre)
    #expect(sent(Scene.tcp()) == Scene.gre)
    #expect(lastOther == 1_000)
  }

  @Test func `A flow whose server is down goes to the previous owner`() {
    environment.flows[Scene.flowKey()] = Cell(Flow(destination: Scene.down, lastSeen: Tick(rawValue: 950)))
    #expect(sent(Scene.tcp()) == Scene.gre)
    #expect(environment.flows[Scene.flowKey()]?.value.lastSeen == Tick(rawValue: 950))
  }

  @Test func `A flow whose server has no row goes to the previous owner`() {
    environment.flows[Scene.flowKey()] = Cell(
      Flow(destination: DestinationIndex(rawValue: 99), lastSeen: Tick(rawValue: 950)))
    #expect(sent(Scene.tcp()) == Scene.gre)
  }

  @Test func `A flow that another service remembers is not this one's`() {
    environment.flows[Scene.flowKey(service: 2)] = Cell(Flow(destination: Scene.ipip, lastSeen: environment.now))
    #expect(sent(Scene.tcp()) == Scene.gre)
  }

  @Test func `An older flow without a previous owner has no server`() {
    environment.transitions[1]?.value.previous = .nobody
    #expect(decide(Scene.tcp(), in: environment).verdict == .noServer)
    #expect(sent(Scene.tcp(.synchronize)) == Scene.ipip)
  }

  @Test func `A slot without a transition belongs to its owner`() {
    environment.transitions = [:]
    #expect(sent(Scene.tcp()) == Scene.ipip)
    #expect(environment.touches == Touches(services: 1, slots: 1, transitions: 1, destinations: 1))
  }

  @Test func `A service that tracks nothing sends all to the owner`() {
    #expect(sent(Scene.udp()) == Scene.ipip)
    #expect(environment.touches == Touches(services: 1, slots: 1, destinations: 1))
    #expect(environment.transitions[2]?.value.lastOther == Tick(rawValue: 900))
  }

  @Test func `No packet takes more than six look-ups`() {
    _ = decide(Scene.tcp(.synchronize), in: environment)
    #expect(environment.touches == Touches(services: 1, slots: 1, transitions: 1, destinations: 1, remembered: 1))
    _ = decide(Scene.tcp(), in: environment)
    #expect(environment.touches == Touches(services: 1, slots: 1, transitions: 1, destinations: 2, flows: 1))
  }
}
