// SPDX-License-Identifier: MIT
import DataPlane
import Glibc
import Testing
import Wire

@testable import Balancing

@Suite struct `Flows through changes` {
  /// Random ones, or that of `CULVERT_SEED` to repeat a run.
  static let seeds: [UInt64] = {
    if let text = getenv("CULVERT_SEED"), let seed = UInt64(String(cString: text)) { return [seed] }
    return (0..<24).map { _ in .random(in: 0 ... .max) }
  }()

  @Test(arguments: seeds)
  func `stay on their servers`(seed: UInt64) {
    print("seed \(seed)")
    let simulation = FlowSimulation(seed: seed)
    simulation.reconfigure()
    for _ in 0..<250 {
      simulation.tick()
      if simulation.chance(6) { simulation.reconfigure() }
      if !simulation.chance(3) { simulation.settle() }
      if simulation.chance(40) { simulation.restart() }
    }
    #expect(simulation.unsettledPackets > simulation.packets / 20)
    expectRest(simulation)
  }

  @Test(arguments: seeds)
  func `stay on their servers when pools fail over and back`(seed: UInt64) {
    print("seed \(seed)")
    let simulation = FlowSimulation(seed: seed)
    simulation.failOver()
    for _ in 0..<250 {
      simulation.tick()
      if simulation.chance(6) { simulation.failOver() }
      if !simulation.chance(3) { simulation.settle() }
      if simulation.chance(40) { simulation.restart() }
    }
    #expect(simulation.unsettledPackets > simulation.packets / 20)
    expectRest(simulation)
  }

  /// When clients are gone and nothing changes any more, nothing is left of the changes.
  private func expectRest(_ simulation: FlowSimulation) {
    let (tables, seed) = (simulation.tables, simulation.seed)
    for _ in 0...FlowSimulation.drain + FlowSimulation.idle + 4 {
      tables.now = tables.now.advanced(by: 1)
      tables.commit(simulation.state.settle(observed: tables.observedTransitions, now: tables.now))
    }
    tables.forgetFlows(idleFor: simulation.state.longestIdleTimeout)
    let contents = tables.contents
    #expect(contents.slots.values.allSatisfy { $0.allSatisfy(\.isSettled) }, "seed \(seed)")
    #expect(contents.transitions.isEmpty, "seed \(seed)")
    #expect(tables.flows.isEmpty, "seed \(seed)")
    #expect(simulation.state.destinations.values.allSatisfy { $0.isConfigured }, "seed \(seed)")
  }
}
