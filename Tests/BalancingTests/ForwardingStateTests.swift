// SPDX-License-Identifier: MIT
import DataPlane
import Testing
import Wire

@testable import Balancing

@Suite struct `The forwarding state` {
  let start = Tick(rawValue: 1_000)

  @Test func `writes what a new service needs before what it is found by`() throws {
    var state = ForwardingState()
    let update = try state.apply([service(servers: [1, 2])], paths: paths, now: start)
    #expect(
      update.writes.map(\.kind) == [
        "destination", "destination", "slots", "service", "portTable", "virtualAddress", "settings", "sourceFilter",
      ])
  }

  @Test func `has nothing to do when nothing changed`() throws {
    var state = ForwardingState()
    let services = [service(servers: [1, 2]), service(2, servers: [2, 3])]
    _ = try state.apply(services, paths: paths, now: start)
    #expect(try state.apply(services, paths: paths, now: start.advanced(by: 9)).isEmpty)
    #expect(try state.apply(services.reversed(), paths: paths, now: start.advanced(by: 9)).isEmpty)
    #expect(state.setPaths(paths).isEmpty)
    #expect(state.settle(observed: [:], now: start.advanced(by: 9)).isEmpty)
  }

  @Test func `writes only the rows whose path changed`() throws {
    var state = ForwardingState()
    _ = try state.apply([service(servers: [1, 2])], paths: paths, now: start)
    var fewer = paths
    fewer[address(2)] = nil
    let update = state.setPaths(fewer)
    guard case .destination(let index, let row) = update.writes.first else {
      Issue.record("\(update)")
      return
    }
    #expect(update.writes.count == 1)
    #expect(row.state == .unreachable)
    #expect(state.destinations[index]?.address == address(2))
  }

  @Test func `makes transitions before it changes slots, and removes them after`() throws {
    var state = ForwardingState()
    _ = try state.apply([service(servers: [1, 2])], paths: paths, now: start)
    let change = try state.apply([service(servers: [1, 2, 3])], paths: paths, now: start)
    #expect(change.writes.map(\.kind) == ["destination", "transitions", "slots"])
    let settling = state.settle(observed: [:], now: start.advanced(by: 7))
    #expect(settling.writes.map(\.kind) == ["slots", "removeTransitions"])
  }

  @Test func `settles when nobody but the owner is sent anything, and not before`() throws {
    var state = ForwardingState()
    _ = try state.apply([service(servers: [1, 2])], paths: paths, now: start)
    _ = try state.apply([service(servers: [1, 2, 3])], paths: paths, now: start)
    let unsettled = try #require(state.status.first?.unsettledSlots)
    #expect(state.settle(observed: [:], now: start.advanced(by: 6)).isEmpty)
    let slot = try #require(state.services.values.first?.transitions.keys.min())
    _ = state.settle(observed: [1: [slot: start.advanced(by: 5)]], now: start.advanced(by: 7))
    #expect(unsettled > slotCount / 4)
    #expect(state.status.first?.unsettledSlots == 1)
    _ = state.settle(observed: [1: [slot: start.advanced(by: 5)]], now: start.advanced(by: 12))
    #expect(state.status.first?.unsettledSlots == 0)
  }

  @Test func `keeps a drain's deadline when the configuration changes, and cancels it when the server is back`() throws
  {
    var state = ForwardingState()
    _ = try state.apply([service(servers: [1, 2])], paths: paths, now: start)
    let draining = Lifecycle.draining(since: start, until: start.advanced(by: 20))
    _ = try state.apply([service(servers: [2])], paths: paths, now: start)
    #expect(lifecycle(of: 1, state) == draining)
    _ = try state.apply([service(servers: [2, 3])], paths: paths, now: start.advanced(by: 2))
    #expect(lifecycle(of: 1, state) == draining)
    _ = try state.apply([service(servers: [1, 2])], paths: paths, now: start.advanced(by: 3))
    #expect(lifecycle(of: 1, state) == .serving)
  }

  @Test func `releases a server at its deadline though its flows go on`() throws {
    var state = ForwardingState()
    _ = try state.apply([service(servers: [1, 2])], paths: paths, now: start)
    _ = try state.apply([service(servers: [2])], paths: paths, now: start)
    let slots = try #require(state.services.values.first?.transitions.keys)
    for tick: UInt32 in 1...20 {
      let observed = Dictionary(uniqueKeysWithValues: slots.map { ($0, start.advanced(by: tick)) })
      #expect(state.settle(observed: [1: observed], now: start.advanced(by: tick)).isEmpty)
    }
    let update = state.settle(observed: [:], now: start.advanced(by: 21))
    #expect(update.writes.map(\.kind) == ["transitions", "destination", "release"])
    #expect(lifecycle(of: 1, state) == nil)
  }

  @Test func `keeps a server that is named nowhere but may have flows`() throws {
    var state = ForwardingState()
    _ = try state.apply([service(servers: [1])], paths: paths, now: start)
    _ = try state.apply(
      [service(1, [Member(server: server(1, .drain)), Member(server: server(2))])], paths: paths, now: start)
    let next = [Member(server: server(1, .drain)), Member(server: server(3))]
    let update = try state.apply([service(1, next)], paths: paths, now: start.advanced(by: 1))
    #expect(update.released.isEmpty)
    #expect(lifecycle(of: 2, state)?.isAlive == true)
    let transitions = try #require(state.services.values.first?.transitions)
    #expect(Set(transitions.values.map { state.destinations[$0.previous]?.address }) == [address(1)])
  }

  @Test func `gives an index away no sooner than a later update`() throws {
    var state = ForwardingState()
    _ = try state.apply([service(servers: [1])], paths: paths, now: start)
    let before = Set(state.destinations.keys)
    let update = try state.apply([service(2, servers: [2])], paths: paths, now: start)
    #expect(update.released == before)
    #expect(before.isDisjoint(with: state.destinations.keys))
    #expect(update.writes.suffix(4).map(\.kind) == ["portTable", "removeService", "destination", "release"])
  }

  @Test func `moves slots settled where flows are not tracked`() throws {
    var state = ForwardingState()
    _ = try state.apply([service(1, [Member(server: server(1))], tracking: .none)], paths: paths, now: start)
    let update = try state.apply([service(1, [Member(server: server(2))], tracking: .none)], paths: paths, now: start)
    #expect(update.writes.map(\.kind) == ["destination", "slots", "destination", "release"])
  }

  @Test func `owns nothing when nobody serves, and old flows go on`() throws {
    var state = ForwardingState()
    _ = try state.apply([service(servers: [1])], paths: paths, now: start)
    _ = try state.apply([service(1, [Member(server: server(1, .drain))])], paths: paths, now: start)
    let placement = try #require(state.placement(of: flow(from: address(9), port: 5)))
    #expect(placement.owner == .nobody)
    #expect(placement.previous == DestinationIndex(rawValue: 1))
    _ = try state.apply([service(1, [Member(server: server(1, .down))])], paths: paths, now: start)
    #expect(state.shares(of: service(servers: []).match).isEmpty)
  }

  @Test func `agrees with the data plane on where a flow goes`() throws {
    var state = ForwardingState()
    let tables = TestTables()
    tables.commit(try state.apply([service(servers: [1, 2, 3])], paths: paths, now: tables.now))
    let match = service(servers: []).match
    for port: UInt16 in 1...200 {
      let client = IPv4Address(bits: 0xC633_6401)
      let sent = tables.send(from: client, port: port, to: match, flags: .synchronize)
      let placement = state.placement(of: flow(from: .v4(client), port: port))
      #expect(placement?.isSettled == true)
      #expect(placement.flatMap { state.destinations[$0.owner]?.address } == sent.map { .v4($0) })
    }
    #expect(state.shares(of: match).values.reduce(0, +) == slotCount)
    #expect(state.status.first?.tableHash == MaglevTable(members: members([1, 1, 1])).hash)
  }

  @Test func `goes on from restored tables without a write`() throws {
    var state = ForwardingState()
    let tables = TestTables()
    tables.commit(try state.apply([service(servers: [1, 2])], paths: paths, now: tables.now))
    tables.commit(try state.apply([service(servers: [2, 3])], paths: paths, now: tables.now))
    var restored = ForwardingState(restoring: tables.contents)
    #expect(try restored.apply([service(servers: [2, 3])], paths: paths, now: start).isEmpty)
    #expect(lifecycle(of: 1, restored) == .draining(since: start, until: start.advanced(by: 20)))
    #expect(restored.services.values.first?.transitions == state.services.values.first?.transitions)
  }

  static let refused: [([Service], StateError)] = [
    ([service(servers: [1]), service(servers: [2])], .sameService("web1", "web1")),
    ([service(servers: [1, 1])], .sameServer("s1", "s1", service: "web1")),
    ([service(1, [Member(server: server(1), weight: 0)])], .weight(0, server: "s1", service: "web1")),
    ([service(1, [Member(server: server(1), weight: 65_536)])], .weight(65_536, server: "s1", service: "web1")),
  ]

  @Test(arguments: refused)
  func `refuses what cannot be, and is as it was`(services: [Service], error: StateError) throws {
    var state = ForwardingState()
    _ = try state.apply([service(servers: [7])], paths: paths, now: start)
    let before = state.destinations
    #expect(throws: error) { try state.apply(services, paths: paths, now: start) }
    #expect(state.destinations == before)
  }

  @Test func `refuses to track UDP`() {
    var state = ForwardingState()
    var dns = service(servers: [1])
    dns.match = ServiceMatch(prefix: dns.match.prefix, ports: 53...53, transportProtocol: .udp)
    #expect(throws: StateError.untrackable(service: "web1")) { try state.apply([dns], paths: paths, now: start) }
  }

  @Test func `says what there is no room for, and is as it was`() throws {
    var state = ForwardingState(slotsPerService: 3)
    let many = (0..<Capacity.services).map { service($0, servers: []) }
    #expect(throws: StateError.tooManyServices(configured: 513, leaving: 0, room: 512)) {
      try state.apply(many, paths: paths, now: start)
    }
    let wide = (1...40).map { service($0, servers: Array(0..<205)) }
    #expect(throws: StateError.tooManyDestinations(configured: 8_200, leaving: 0, room: 8_191)) {
      try state.apply(wide, paths: paths, now: start)
    }
    #expect(state.destinations.isEmpty)
    #expect(try !state.apply(Array(many.dropLast()), paths: paths, now: start).isEmpty)
  }

  /// A client's flow to the service.
  private func flow(from client: IPAddress, port: UInt16) -> FlowTuple {
    let match = service(servers: []).match
    return FlowTuple(
      client: client.mapped, clientPort: port, address: match.prefix.address.mapped, port: match.ports.lowerBound,
      transportProtocol: match.transportProtocol)
  }

  private func lifecycle(of number: Int, _ state: ForwardingState) -> Lifecycle? {
    state.destinations.values.first { $0.address == address(number) }?.lifecycle
  }
}

@Suite struct `Durations in ticks` {
  static let cases: [(Duration, UInt32)] = [
    (.zero, 0), (.nanoseconds(1), 1), (.nanoseconds(1 << 30), 1), (.nanoseconds(1 << 30 + 1), 2), (.seconds(900), 839),
    (.seconds(-1), 0), (.seconds(Int64.max), .max / 2), (Duration(secondsComponent: 0, attosecondsComponent: 1), 1),
  ]

  @Test(arguments: cases)
  func `are rounded up`(duration: Duration, ticks: UInt32) {
    #expect(duration.ticks == ticks)
  }
}

extension TableWrite {
  fileprivate var kind: String {
    switch self {
    case .destination: "destination"
    case .service: "service"
    case .virtualAddress: "virtualAddress"
    case .portTable: "portTable"
    case .settings: "settings"
    case .sourceFilter: "sourceFilter"
    case .transitions: "transitions"
    case .slots: "slots"
    case .removeTransitions: "removeTransitions"
    case .removeService: "removeService"
    case .release: "release"
    }
  }
}
