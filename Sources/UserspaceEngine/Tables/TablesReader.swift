// SPDX-License-Identifier: MIT
public import DataPlane
import Linux
public import SystemPackage

/// The tables of an engine that runs in another process, to look at.
///
/// Nothing stops the other process meanwhile: every number is one that was there, but not all of the same moment.
public struct TablesReader: ~Copyable {
  private let tables: MemoryTables

  /// Opens the file that ``UserspaceEngine/init(tablesFile:)`` was given.
  ///
  /// - Throws: ``LinuxError`` where it cannot be opened, ``UnusableTables`` where it holds something else.
  public init(tablesFile path: FilePath) throws {
    tables = MemoryTables(try MemoryMapping(tablesToReadAt: path))
  }

  /// Every service, in no particular order.
  public borrowing func services() -> [(key: ServiceKey, value: ServiceEntry)] { tables.services() }

  /// The slots of a service.
  public borrowing func slots(ofService index: UInt32) -> [Slot] { tables.slots(ofService: index) }

  /// What the unsettled slots of a service remember.
  public borrowing func transitions(ofService index: UInt32) -> [(number: UInt32, transition: Transition)] {
    tables.transitions(ofService: index)
  }

  public borrowing func destination(_ index: DestinationIndex) -> Destination { tables.destination(index) }

  /// What was sent to a destination.
  public borrowing func traffic(of index: DestinationIndex) -> TrafficCounter { tables.traffic(of: index) }

  /// How many packets of a service (0: of none) got each verdict.
  public borrowing func verdicts(ofService index: UInt32) -> [Verdict: UInt64] { tables.verdicts(ofService: index) }

  /// How many flows are remembered.
  public borrowing func flowCount() -> Int { tables.flowCount() }
}
