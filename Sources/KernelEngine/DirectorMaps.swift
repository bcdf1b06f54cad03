// SPDX-License-Identifier: MIT
import BPF
import DataPlane
import SystemPackage

/// The director program's maps. `KernelMap` symbols of `CKernel.h` have the same names.
struct DirectorMaps {
  /// What each map is.
  enum Table: String, CaseIterable {
    case settings
    case services
    case virtualAddresses = "virtual_addresses"
    case portTables = "port_tables"
    case sourceFilter = "source_filter"
    case slots
    case transitions
    case destinations
    case flows
    case fragments
    case allowances
    case scratch
    case traffic
    case verdicts

    /// Sizes are from the structs that the program was compiled with.
    var spec: MapSpec {
      switch self {
      case .settings: .array(rawValue, of: Settings.self, maxEntries: 1)
      case .services: .hash(rawValue, from: ServiceKey.self, to: ServiceEntry.self, maxEntries: rows(Capacity.services))
      case .virtualAddresses:
        .hash(
          rawValue, from: PrefixKey.self, to: VirtualAddressEntry.self,
          maxEntries: rows(Capacity.virtualAddresses))
      case .portTables:
        .hash(rawValue, from: PortTableKey.self, to: PortTable.self, maxEntries: rows(Capacity.portTables))
      case .sourceFilter: .array(rawValue, of: UInt64.self, maxEntries: rows(SourceFilter.wordCount))
      case .slots: .array(rawValue, ofMapsLike: Self.slotTable, maxEntries: rows(Capacity.services))
      case .transitions: .array(rawValue, ofMapsLike: Self.transitionTable, maxEntries: rows(Capacity.services))
      case .destinations: .array(rawValue, of: Destination.self, maxEntries: rows(Capacity.destinations))
      case .flows: Self.flowTable(rawValue, buckets: Capacity.flowBuckets)
      case .fragments: Self.flowTable(rawValue, buckets: Capacity.fragmentBuckets)
      case .allowances: .array(rawValue, of: Allowance.self, maxEntries: 1, perCPU: true)
      case .scratch: .array(rawValue, of: Scratch.self, maxEntries: 1, perCPU: true)
      case .traffic:
        .array(rawValue, of: TrafficCounter.self, maxEntries: rows(Capacity.destinations), perCPU: true)
      case .verdicts:
        .array(rawValue, of: UInt64.self, maxEntries: rows(Capacity.services * Capacity.verdicts), perCPU: true)
      }
    }

    private func rows(_ count: Int) -> UInt32 { UInt32(count) }

    /// One service's slots.
    static let slotTable = MapSpec.array("slot_table", of: Slot.self, maxEntries: UInt32(slotCount))
    /// One service's transitions: there only while it has unsettled slots.
    static let transitionTable = MapSpec.array("transition_table", of: Transition.self, maxEntries: UInt32(slotCount))

    /// Buckets of flows: memory that both sides see, which also puts each bucket into a cache line.
    private static func flowTable(_ name: String, buckets: Int) -> MapSpec {
      MapSpec(
        name: name, type: .array, keySize: 4, valueSize: UInt32(FlowBucket.size * MemoryLayout<Flow>.size),
        maxEntries: UInt32(buckets), flags: .memoryMappable)
    }
  }

  /// A map that the dictionary can hold.
  private final class Holder: Sendable {
    let map: Map

    init(_ map: consuming Map) {
      self.map = map
    }
  }

  private let maps: [Table: Holder]

  /// Empty maps, gone with the process unless they are pinned.
  init() throws {
    try self.init { table in try Map.create(table.spec) }
  }

  /// The maps pinned in `directory`.
  ///
  /// - Throws: `MapMismatch` where a version with other tables made them.
  init(pinnedIn directory: String) throws {
    try self.init { table in
      let map = try Map.openPinned(at: "\(directory)/\(table.rawValue)")
      try map.verifySpec(table.spec)
      return map
    }
  }

  private init(_ make: (Table) throws -> Map) throws {
    maps = try Dictionary(uniqueKeysWithValues: Table.allCases.map { ($0, Holder(try make($0))) })
  }

  subscript(_ table: Table) -> Map {
    _read {
      guard let holder = maps[table] else { preconditionFailure("every table has a map") }
      yield holder.map
    }
  }

  func pin(in directory: String) throws(BPFError) {
    for table in Table.allCases { try self[table].pin(at: "\(directory)/\(table.rawValue)") }
  }

  /// By the names that the program refers to them by.
  var descriptors: [String: FileDescriptor] {
    Dictionary(uniqueKeysWithValues: maps.map { ($0.key.rawValue, $0.value.map.descriptor) })
  }
}
