// SPDX-License-Identifier: MIT
import DataPlane

/// The first page of a file of tables: what the rest of it looks like.
///
/// Two programs that agree on it may share the file; every number that decides where a row stands is in it.
struct TablesHeader: Equatable, BitwiseCopyable {
  /// "CULVERT\n" as it stands in the file.
  private var magic: UInt64 = UInt64(bigEndian: 0x4355_4C56_4552_540A)
  /// Changes whenever a field of a row changes its place or meaning.
  var version: UInt32 = 2
  private var slots = UInt32(slotCount)
  private var services = UInt32(Capacity.services)
  private var destinations = UInt32(Capacity.destinations)
  private var flows = UInt32(Capacity.flowBuckets * FlowBucket.size)
  private var verdicts = UInt32(Capacity.verdicts)
  private var serviceStride = UInt32(MemoryLayout<ServiceKey>.stride + MemoryLayout<ServiceEntry>.stride)
  private var flowStride = UInt32(MemoryLayout<Flow>.stride)
  private var virtualAddresses = UInt32(Capacity.virtualAddresses)
  private var virtualAddressStride = UInt32(
    MemoryLayout<PrefixKey>.stride + MemoryLayout<VirtualAddressEntry>.stride)
  private var portTables = UInt32(Capacity.portTables)
  private var portTableStride = UInt32(MemoryLayout<PortTableKey>.stride + MemoryLayout<PortTable>.stride)
  private var fragments = UInt32(Capacity.fragmentBuckets * FlowBucket.size)
  private var settingsStride = UInt32(MemoryLayout<Settings>.stride)
  private var slotStride = UInt32(MemoryLayout<Slot>.stride)
  private var transitionStride = UInt32(MemoryLayout<Transition>.stride)
  private var destinationStride = UInt32(MemoryLayout<Destination>.stride)
  private var trafficStride = UInt32(MemoryLayout<TrafficCounter>.stride)
  private var tablesByteCount = UInt64(TablePointers.byteCount)

  /// Bytes before the tables: a page, so that the tables can be mapped without it.
  static var byteCount: Int { 4096 }

  /// Whether the file is one of tables at all, of whatever layout.
  var isTables: Bool { magic == TablesHeader().magic }
}
