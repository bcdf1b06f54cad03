// SPDX-License-Identifier: MIT
public import Balancing
public import DataPlane
import Linux
public import SystemPackage

/// The tables of an engine that runs in another process, to look at.
///
/// Nothing stops the other process meanwhile: every number is one that was there, but not all of the same moment.
public final class TablesInFile: TableReading {
  private let tables: MemoryTables

  /// Opens the file that ``UserspaceEngine/init(tablesFile:)`` was given.
  ///
  /// - Throws: ``LinuxError`` where it cannot be opened, ``UnusableTables`` where it holds something else.
  public init(_ file: FilePath) throws {
    tables = MemoryTables(try MemoryMapping(tablesToReadAt: file))
  }

  public func traffic() -> [DestinationIndex: TrafficCounter] { tables.traffic() }
  public func verdicts() -> [UInt32: [Verdict: UInt64]] { tables.verdicts() }
  public func flow(hash: UInt64) -> Flow? { tables.pointers.flows.flow(hash: hash) }
  public func flowCounts() -> [DestinationIndex: Int] {
    tables.pointers.flows.remembered.lazy.map(\.flow).countsByDestination
  }
  public func contents() -> TableContents { tables.contents() }
}
