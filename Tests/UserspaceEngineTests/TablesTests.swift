// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Glibc
import Linux
import SystemPackage
import Testing
import Wire

@testable import UserspaceEngine

/// A name in the temporary directory that no other test uses.
private func temporaryPath() -> FilePath {
  FilePath("/tmp/culvert-tables-\(getpid())-\(UInt64.random(in: 0 ... .max))")
}

private let owner = DestinationIndex(rawValue: 1)

@Suite struct `Tables in memory` {
  private let engine: UserspaceEngine

  init() throws {
    engine = try UserspaceEngine()
    engine.configureFixture(interface: 9)
  }

  @Test func `services are enumerated and removed`() {
    #expect(Set(engine.withTables { $0.matching() }.services.keys) == [Fixture.web, Fixture.dns])
    engine.withTables { $0.pointers.services.remove(Fixture.web) }
    #expect(engine.withTables { $0.matching() }.services.values.map(\.index) == [2])
  }

  @Test func `there is room for as many services as the capacity says`() {
    let entry = ServiceEntry(index: 3, hashSeed: 0, tracking: .none)
    let accepted = engine.withTables { tables in
      (1...UInt16(Capacity.services + 9)).count { port in
        tables.pointers.services.insert(
          entry, for: ServiceKey(address: IPv6Address(high: 0, low: 5), port: port, transportProtocol: .tcp))
      }
    }
    #expect(accepted == Capacity.services - 2)
  }

  @Test func `slots and transitions come back as they were written`() {
    let transition = Transition(
      previous: DestinationIndex(rawValue: 2), since: Tick(rawValue: 3), lastOther: Tick(rawValue: 4))
    #expect(engine.withTables { $0.transitions(ofService: 1) }.isEmpty)
    engine.withTables { tables in
      tables.setSlot(.unsettled(owner: owner), number: 65_536, ofService: 1)
      tables.setTransitions([(65_536, transition)], ofService: 1)
    }
    let written = engine.withTables { $0.transitions(ofService: 1) }
    #expect(written.map(\.number) == [65_536])
    #expect(written.map(\.transition) == [transition])
    #expect(engine.withTables { $0.slots(ofService: 1) }[65_536] == .unsettled(owner: owner))
    let others = engine.withTables { $0.slots(ofService: 2) }
    #expect(others.allSatisfy { $0 == .settled(owner: DestinationIndex(rawValue: 2)) })
    engine.withTables { $0.removeTransitions(ofService: 1) }
    #expect(engine.withTables { $0.transitions(ofService: 1) }.isEmpty)
  }

  @Test func `an erased service leaves nothing to its successor`() {
    _ = engine.forward(Fixture.udp, headroom: 0)
    engine.withTables { tables in
      tables.setTransitions([], ofService: 2)
      tables.eraseService(2)
    }
    #expect(engine.withTables { $0.slots(ofService: 2) }.allSatisfy { $0 == .settled(owner: .nobody) })
    #expect(engine.withTables { $0.verdicts(ofService: 2) }.isEmpty)
    #expect(engine.withTables { $0.transitions(ofService: 2) }.isEmpty)
    #expect(engine.withTables { $0.slots(ofService: 1) }[0].owner == owner)
  }

  @Test func `an erased destination is down and has sent nothing`() {
    _ = engine.forward(Fixture.tcp)
    #expect(engine.withTables { $0.destination(owner) }.state == .reachable)
    engine.withTables { $0.eraseDestination(owner) }
    #expect(engine.withTables { $0.destination(owner) }.state == .down)
    #expect(engine.withTables { $0.traffic(of: owner) } == TrafficCounter())
    #expect(engine.forward(Fixture.tcp).decision == Decision(.noServer))
  }

  @Test func `flows are remembered and forgotten`() throws {
    let entry = ServiceEntry(index: 2, hashSeed: 7, tracking: .always, idleTimeout: 100)
    engine.withTables { tables in
      tables.set(entry, for: Fixture.dns, in: tables.pointers.services)
      tables.setSettings(Settings(prefixLengths: [128], flowLimit: 9, replyLimit: 9))
    }
    let flow = FlowTuple(
      client: IPv6Address(mapping: IPv4Address(bits: 0xC633_6407)), clientPort: 40_001,
      address: Fixture.virtualAddress.mapped, port: 53, transportProtocol: .udp)
    let hash = FlowHash.of(flow, seed: 7)
    #expect(engine.flow(hash: hash) == nil)
    _ = engine.forward(Fixture.udp)
    let remembered = try #require(engine.flow(hash: hash))
    #expect(remembered.destination.rawValue == 2 && remembered.lastSeen(Tick(rawValue: 12)) == Tick(rawValue: 1))
    #expect(engine.withTables { $0.pointers.flows.remembered.map(\.flow) } == [remembered])
    engine.forgetFlows(idleFor: 11, now: Tick(rawValue: 12))
    engine.withTables { $0.forgetFlows { flow in flow.destination == owner } }
    #expect(engine.flow(hash: hash) == remembered)
    engine.forgetFlows(idleFor: 10, now: Tick(rawValue: 12))
    #expect(engine.flow(hash: hash) == nil)
  }

  @Test func `there is no bucket beyond the last`() {
    let last = UInt32(Capacity.flowBuckets - 1)
    #expect(engine.withTables { $0.pointers.flows.bucket(last) != nil && $0.pointers.flows.bucket(last + 1) == nil })
  }
}

@Suite struct `Tables in a file` {
  @Test func `outlive the engine, and are read by others meanwhile`() throws {
    let path = temporaryPath()
    defer { unlink(path.string) }
    do {
      let engine = try UserspaceEngine(tablesFile: path)
      engine.configureFixture(interface: 9)
      _ = engine.forward(Fixture.tcp)
      let reader = try TablesInFile(path)
      let (contents, traffic) = (reader.contents(), reader.traffic())
      #expect(Set(contents.matching.services.keys) == [Fixture.web, Fixture.dns])
      #expect(contents.slots[1]?[7].owner == owner)
      #expect(contents.destinations[owner]?.outer.encapsulation == .ipip)
      #expect(traffic[owner]?.packets == 1)
    }
    let engine = try UserspaceEngine(tablesFile: path)
    #expect(engine.forward(Fixture.tcp).frame == Fixture.tcpInIPIP)
    #expect(engine.withTables { $0.traffic(of: owner) }.packets == 2)
  }

  @Test func `take up little more than was written`() throws {
    let path = temporaryPath()
    defer { unlink(path.string) }
    let engine = try UserspaceEngine(tablesFile: path)
    engine.configureFixture(interface: 9)
    var status = stat()
    #expect(stat(path.string, &status) == 0)
    #expect(status.st_size == TablesHeader.byteCount + TablePointers.byteCount)
    // What all services share, and two services' slots.
    #expect(status.st_blocks * 512 < 24 << 20)
  }

  @Test func `memory that the file system cannot provide is an error, not the end of the process`() throws {
    let path = temporaryPath()
    defer { unlink(path.string) }
    _ = try UserspaceEngine(tablesFile: path)
    let tables = MemoryTables(try MemoryMapping(tablesFile: path))
    // As if the file system were full there: the file ends before the transitions.
    #expect(truncate(path.string, 64 << 20) == 0)
    try tables.reserveSlots(ofService: 1)
    let error = #expect(throws: LinuxError.self) { try tables.reserveTransitions(ofService: 1) }
    #expect(error?.description.hasPrefix("cannot make room for 768 KiB of tables: No space left on device") == true)
  }

  @Test func `a file that holds something else is refused and left alone`() throws {
    let path = temporaryPath()
    defer { unlink(path.string) }
    let file = try FileDescriptor.open(path, .readWrite, options: .create, permissions: .ownerReadWrite)
    _ = try file.closeAfter { try file.writeAll("somebody's diary\n".utf8) }
    let error = #expect(throws: UnusableTables.self) { _ = try UserspaceEngine(tablesFile: path) }
    #expect(error?.description == "cannot use \"\(path)\" as tables: it holds something else; give another path")
    #expect(throws: UnusableTables.self) { _ = try TablesInFile(path) }
    var status = stat()
    #expect(stat(path.string, &status) == 0)
    #expect(status.st_size == 17)
  }

  @Test func `a file of another layout is refused by both versions' numbers`() throws {
    let path = temporaryPath()
    defer { unlink(path.string) }
    _ = try UserspaceEngine(tablesFile: path)
    let file = try FileDescriptor.open(path, .writeOnly)
    _ = try file.closeAfter { try file.writeAll(toAbsoluteOffset: 8, [99]) }
    let error = #expect(throws: UnusableTables.self) { _ = try UserspaceEngine(tablesFile: path) }
    #expect(error?.reason.hasPrefix("another version of culvert made it (layout 99, this one has 2)") == true)
  }

  @Test func `a file in a directory that is missing is named`() {
    let error = #expect(throws: LinuxError.self) { _ = try UserspaceEngine(tablesFile: "/nonexistent/tables") }
    #expect(error?.description == #"cannot open "/nonexistent/tables": No such file or directory"#)
  }
}
