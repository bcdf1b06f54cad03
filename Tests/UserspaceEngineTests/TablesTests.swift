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
private let key = FlowKey(client: IPv6Address(high: 0, low: 5), clientPort: 40_000, serviceIndex: 1)

@Suite struct `Tables in memory` {
  private let engine: UserspaceEngine

  init() throws {
    engine = try UserspaceEngine()
    engine.configureFixture(interface: 9)
  }

  @Test func `services are enumerated and removed`() {
    #expect(Set(engine.withTables { $0.services() }.map(\.key)) == [Fixture.web, Fixture.dns])
    engine.withTables { $0.removeService(Fixture.web) }
    #expect(engine.withTables { $0.services() }.map(\.value.index) == [2])
  }

  @Test func `there is room for as many services as the capacity says`() {
    let entry = ServiceEntry(index: 3, hashSeed: 0, tracking: .none)
    let accepted = engine.withTables { tables in
      (1...UInt16(Capacity.services)).count { port in
        tables.setService(entry, for: ServiceKey(address: key.clientAddress, port: port, transportProtocol: .tcp))
      }
    }
    #expect(accepted == Capacity.services - 1 - 2)
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

  @Test func `flows are remembered and forgotten`() {
    #expect(engine.withTables { $0.setFlow(Flow(destination: owner, lastSeen: Tick(rawValue: 8)), for: key) })
    #expect(engine.withTables { $0.flows() }.map(\.key) == [key])
    engine.withTables { $0.forgetFlows { _, flow in flow.lastSeen < Tick(rawValue: 8) } }
    #expect(engine.withTables { $0.flowCount() } == 1)
    engine.withTables { $0.forgetFlows { _, flow in flow.destination == owner } }
    #expect(engine.withTables { $0.flowCount() } == 0)
  }
}

extension FlowKey {
  fileprivate var clientAddress: IPv6Address { IPv6Address(high: clientHigh, low: clientLow) }
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
      #expect(Set(contents.services.keys) == [Fixture.web, Fixture.dns])
      #expect(contents.slots[1]?[7].owner == owner)
      #expect(contents.destinations[owner]?.encapsulation == .ipip)
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
    #expect(error?.reason.hasPrefix("another version of culvert made it (layout 99, this one has 1)") == true)
  }

  @Test func `a file in a directory that is missing is named`() {
    let error = #expect(throws: LinuxError.self) { _ = try UserspaceEngine(tablesFile: "/nonexistent/tables") }
    #expect(error?.description == #"cannot open "/nonexistent/tables": No such file or directory"#)
  }
}
