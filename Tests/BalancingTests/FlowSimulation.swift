// SPDX-License-Identifier: MIT
import DataPlane
import Testing
import Wire

@testable import Balancing

/// A director whose configuration changes at random while clients open, use and close connections through it.
///
/// It keeps the data plane's promise by itself, in the plainest way: which server each flow got, and until when each
/// server may keep its flows. Then it sends the packets through the real data plane and compares.
final class FlowSimulation {
  struct Client: Hashable {
    let address: IPv4Address
    let port: UInt16
    let service: ServiceMatch
  }

  struct OpenFlow {
    let server: IPv4Address
    var lastSent: UInt32
  }

  struct Pair: Hashable {
    let service: ServiceMatch
    let server: IPv4Address
  }

  static let idle: UInt32 = 4
  static let drain: UInt32 = 20
  static let slots = 31

  /// Few flows, which send no more than they must.
  let isQuiet: Bool
  var generator: SeededGenerator
  let seed: UInt64
  let tables: TestTables
  var state = ForwardingState(slotsPerService: slots)
  var configuration: [Service] = []
  var flows: [Client: OpenFlow] = [:]
  /// Who serves no more and keeps flows, and until when: for good who stands by. Who is neither here nor serves is dead.
  var deadlines: [Pair: UInt32] = [:]
  private var selection = Selection()
  private var isCommitting = false
  private var isSettling = false
  private(set) var packets = 0
  private(set) var unsettledPackets = 0

  init(seed: UInt64) {
    self.seed = seed
    generator = SeededGenerator(seed: seed)
    let flowBuckets = [1, 16, 16_384].randomElement(using: &generator) ?? 1
    isQuiet = Bool.random(using: &generator)
    tables = TestTables(slotsPerService: Self.slots, flowBuckets: flowBuckets)
  }

  var now: UInt32 { tables.now.rawValue }

  func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &generator) == 0 }

  // MARK: Clients

  /// One packet of a flow: it has to reach the server that the flow is on.
  func use(_ client: Client) {
    guard let flow = flows[client] else { return }
    let reached = send(client, .acknowledge)
    #expect(reached == flow.server, "seed \(seed), tick \(now): \(client) of \(flow.server)")
    flows[client]?.lastSent = now
  }

  func open(_ client: Client) {
    guard flows[client] == nil, let server = send(client, .synchronize) else { return }
    let pair = Pair(service: client.service, server: server)
    let isAlive = isUp(pair) || deadlines[pair] != nil
    // Until a server is taken down, with the last write, it may be sent new flows: where it still owns the slot, or for
    // want of room in the flow table.
    #expect(isAlive || isCommitting || isOverdue(pair), "seed \(seed), tick \(now): \(client) opened on \(server)")
    // The one gap (docs/flows.md): a slot that settles just when a flow begins there that cannot be remembered.
    if isSettling && tables.metUnsettledSlot && !tables.remembersLast { return }
    if isAlive && isTracked(client.service) { flows[client] = OpenFlow(server: server, lastSent: now) }
  }

  private func send(_ client: Client, _ flags: TCPHeader.Flags) -> IPv4Address? {
    let reached = tables.send(from: client.address, port: client.port, to: client.service, flags: flags)
    packets += 1
    if tables.metUnsettledSlot { unsettledPackets += 1 }
    #expect(tables.metUnsettledSlot || !tables.touchedFlows, "seed \(seed): a settled slot touched the flow table")
    let row = tables.sent.flatMap { tables.destinations[$0]?.pointer.pointee.outerDestination.embeddedIPv4 }
    #expect(row == reached)
    return reached
  }

  /// One in `rate` of the clients does something, and everybody who would be silent for longer than the idle timeout.
  func traffic(oneIn rate: Int) {
    // In an order that a seed repeats.
    let order = flows.sorted {
      ($0.key.service.prefix.address.mapped.low, $0.key.address.bits)
        < ($1.key.service.prefix.address.mapped.low, $1.key.address.bits)
    }
    for (client, flow) in order where now - flow.lastSent >= Self.idle || chance(isQuiet ? 5 * rate : rate) {
      if chance(12) { flows[client] = nil } else { use(client) }
    }
    for _ in 0..<20 / rate + 1 where !isQuiet || chance(20) {
      guard let service = configuration.randomElement(using: &generator) else { return }
      let number = UInt32.random(in: 0..<60, using: &generator)
      open(Client(address: IPv4Address(bits: 0xC633_6400 + number), port: 1_024, service: service.match))
    }
  }

  // MARK: The promise

  func isUp(_ pair: Pair) -> Bool { part(of: pair) == .serving }

  /// Nil for who is not in the configuration.
  private func part(of pair: Pair) -> Member.Part? {
    configuration.first { $0.match == pair.service }?.members
      .first { $0.server.address.mapped.embeddedIPv4 == pair.server }?.part
  }

  /// Until when somebody who is alive and does not serve keeps flows from now on.
  private func deadline(of pair: Pair) -> UInt32 { part(of: pair) == .standby ? .max : now + Self.drain }

  private func isTracked(_ match: ServiceMatch) -> Bool {
    configuration.contains { $0.match == match && $0.tracking == .transitions }
  }

  /// Whether the server's deadline has passed without anybody having looked at the clock since.
  private func isOverdue(_ pair: Pair) -> Bool {
    state.destinations.values.contains { destination in
      guard case .draining(_, let until) = destination.lifecycle else { return false }
      return destination.service == pair.service && destination.address == .v4(pair.server) && until < tables.now
    }
  }

  /// One whose deadline had passed unnoticed has another.
  private func keepTheOverdue(where isKept: (Pair) -> Bool) {
    for destination in state.destinations.values where destination.lifecycle.isAlive {
      let pair = Pair(service: destination.service, server: destination.address.mapped.embeddedIPv4)
      if !isUp(pair) && deadlines[pair] == nil && isKept(pair) { deadlines[pair] = deadline(of: pair) }
    }
  }

  /// Ends the flows of servers that may be sent nothing any more.
  func buryTheDead() {
    deadlines = deadlines.filter { now <= $0.value }
    flows = flows.filter { client, flow in
      let pair = Pair(service: client.service, server: flow.server)
      return isTracked(client.service) && (isUp(pair) || deadlines[pair] != nil)
    }
  }

  /// What a new configuration means for who may keep flows.
  func promise(_ next: [Service]) {
    let served = configuration.flatMap { service in
      service.members.filter { $0.part == .serving }
        .map { Pair(service: service.match, server: $0.server.address.mapped.embeddedIPv4) }
    }
    configuration = next
    for pair in served { deadlines[pair] = deadline(of: pair) }
    for (pair, deadline) in deadlines where (deadline == .max) != (part(of: pair) == .standby) {
      deadlines[pair] = self.deadline(of: pair)
    }
    keepTheOverdue { part(of: $0) == .standby }
    let services = Set(next.map(\.match))
    deadlines = deadlines.filter { pair, _ in
      services.contains(pair.service) && ![.down, .serving].contains(part(of: pair))
    }
    buryTheDead()
  }

  // MARK: The operator

  func randomConfiguration() -> [Service] {
    (1...3).filter { _ in !chance(25) }.map { number in
      let members = (1...8).filter { _ in !chance(4) }.map { serverNumber in
        let state: AdministrativeState = chance(6) ? .drain : chance(12) ? .down : .up
        return Member(
          server: server(serverNumber, state), weight: chance(3) ? 3 : 1,
          chosenPart: state == .up && chance(4) ? .standby : nil)
      }
      return service(number, members, tracking: number == 3 ? .none : .transitions)
    }
  }

  func reconfigure() { reach(chance(8) ? configuration.map(allDown) : randomConfiguration()) }

  /// Some of the members of two pools fail, and others are well again.
  func failOver() {
    var pooled = service(1, [])
    pooled.pools = [
      Pool(name: "near", members: (1...4).map { Member(server: server($0)) }, threshold: 60, recovery: 70),
      Pool(name: "far", members: (5...7).map { Member(server: server($0)) }),
    ]
    pooled.whenShort = seed % 2 == 0 ? .takeover : .overflow
    let health = pooled.members.map { _ in MemberCondition(isHealthy: !chance(4), wish: chance(12) ? .drain : .up) }
    let conditions = Dictionary(uniqueKeysWithValues: zip(pooled.members.map(\.server.name), health))
    reach(selection.select([pooled]) { conditions[$1.server.name] ?? MemberCondition() }.map(\.service))
  }

  private func reach(_ next: [Service]) {
    let now = tables.now
    guard let update = try? state.apply(next, paths: paths, now: now) else {
      Issue.record("seed \(seed), tick \(now.rawValue): refused")
      return
    }
    promise(next)
    commit(update)
    expectNothingToDo(now)
  }

  private func allDown(_ configured: Service) -> Service {
    var configured = configured
    for position in configured.members.indices {
      configured.pools[0].members[position].server.administrativeState = .drain
      configured.pools[0].members[position].chosenPart = nil
    }
    return configured
  }

  func settle() {
    isSettling = true
    defer { isSettling = false }
    let observed = tables.observedTransitions
    if chance(3) { tick() }
    commit(state.settle(observed: observed, now: tables.now))
    if chance(4) { tables.forgetFlows(idleFor: state.longestIdleTimeout) }
  }

  /// Writes one by one, with packets in between, and at most one tick passing.
  private func commit(_ update: TableUpdate) {
    let delay = chance(4) ? Int.random(in: 0...update.writes.count, using: &generator) : -1
    var written = 0
    isCommitting = true
    defer { isCommitting = false }
    traffic(oneIn: 8)
    tables.commit(update) {
      if written == delay { tick() }
      written += 1
      traffic(oneIn: 8)
    }
  }

  func tick() {
    tables.now = tables.now.advanced(by: 1)
    buryTheDead()
    traffic(oneIn: 3)
  }

  /// A configuration that is reached already asks for nothing.
  private func expectNothingToDo(_ now: Tick) {
    var again = state
    let update = try? again.apply(configuration, paths: paths, now: now)
    #expect(update?.writes == [], "seed \(seed), tick \(now.rawValue)")
  }

  /// A new control plane finds the tables as they are: who drains begins anew, who stands by goes on.
  func restart() {
    var restored = ForwardingState(restoring: tables.contents, slotsPerService: Self.slots)
    let update = try? restored.apply(configuration, paths: paths, now: tables.now)
    #expect(update?.writes == [], "seed \(seed), tick \(now)")
    state = restored
    for pair in deadlines.keys { deadlines[pair] = deadline(of: pair) }
    keepTheOverdue { _ in true }
  }
}
