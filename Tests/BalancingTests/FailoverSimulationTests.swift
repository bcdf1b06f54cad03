// SPDX-License-Identifier: MIT
import DataPlane
import Testing
import Wire

@testable import Balancing

@Suite struct `The simulation of a failover` {
  private let configured: Service = {
    var service = service(servers: [])
    service.pools = [
      Pool(name: "near", members: [1, 2, 3, 4].map { Member(server: server($0)) }, threshold: 50),
      Pool(name: "far", members: [5, 6].map { Member(server: server($0)) }),
    ]
    service.pools[0].members[0].server.site = "A"
    return service
  }()

  private func selected(down: Set<Int>) -> SelectedService {
    var selection = Selection()
    return selection.select([configured]) { _, member in
      MemberCondition(isHealthy: !down.contains { member.server.name == "s\($0)" })
    }[0]
  }

  private func shift(down: Set<Int>) throws -> ServiceShift {
    try #require(FailoverSimulation(before: [selected(down: [])], after: [selected(down: down)]).services.first)
  }

  @Test func `moves nothing where nothing changes`() throws {
    let shift = try shift(down: [])
    #expect(shift.movedSlots == 0)
    #expect(shift.tableBefore == shift.tableAfter)
    #expect(shift.servers.map(\.slotsBefore) == shift.servers.map(\.slotsAfter))
    #expect(shift.servers.map(\.name) == ["s1", "s2", "s3", "s4", "s5", "s6"])
    #expect(shift.servers[0].site == "A")
  }

  @Test func `moves a server's slots when it goes down, and few more`() throws {
    let shift = try shift(down: [2])
    let lost = shift.servers[1].slotsBefore
    #expect(shift.servers[1].slotsAfter == 0)
    #expect(lost...(lost + slotCount / 100) ~= shift.movedSlots)
    #expect(shift.servers.map(\.slotsAfter).reduce(0, +) == slotCount)
  }

  @Test func `moves everything when the pool before is gone, and says to whom`() throws {
    let shift = try shift(down: [1, 2, 3, 4])
    #expect(shift.movedSlots == slotCount)
    #expect(shift.servers.map(\.pool) == ["near", "near", "near", "near", "far", "far"])
    #expect(shift.servers.suffix(2).map(\.slotsAfter).reduce(0, +) == slotCount)
    #expect(shift.poolsBefore.map(\.share) == [100, 0] && shift.poolsAfter.map(\.share) == [0, 100])
  }

  @Test func `says that nobody is left`() throws {
    let shift = try shift(down: [1, 2, 3, 4, 5, 6])
    #expect(shift.isAllDown)
    #expect(shift.movedSlots == slotCount)
    #expect(shift.servers.allSatisfy { $0.slotsAfter == 0 })
  }

  @Test(arguments: [[], [2], [1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 4, 5, 6]])
  func `knows the tables that a director would have`(down: Set<Int>) throws {
    let shift = try shift(down: down)
    var state = ForwardingState()
    _ = try state.apply([selected(down: down).service], paths: paths, now: Tick(rawValue: 100))
    #expect(state.status.map(\.tableHash) == [shift.tableAfter])
    let slots = state.status[0].members.reduce(into: [:]) { $0[$1.destination.name] = $1.slots }
    #expect(shift.servers.allSatisfy { slots[$0.name] == $0.slotsAfter })
  }

  @Test func `leaves out what is on one side only`() {
    #expect(FailoverSimulation(before: [selected(down: [])], after: []).services.isEmpty)
  }
}
