// SPDX-License-Identifier: MIT
import CKernel
import DataPlane
import Wire

/// The data plane's surroundings inside the kernel: an XDP context, BPF maps and helpers.
struct KernelEnvironment: Environment {
  let context: UnsafePointer<xdp_md>
  /// Memory of this CPU's, for a moment.
  private let scratch: UnsafeMutableRawPointer

  /// Nil never happens: but the verifier has to be told what would be then.
  @inline(__always)
  init?(context: UnsafePointer<xdp_md>) {
    let row: UnsafeMutablePointer<Scratch>? = lookup(0 as UInt32, in: scratch_map())
    guard let row else { return nil }
    self.context = context
    self.scratch = UnsafeMutableRawPointer(row)
  }

  var packet: PacketBytes {
    @inline(__always) get { PacketBytes(start: xdp_data(context), end: xdp_data_end(context)) }
  }

  @inline(__always)
  mutating func moveHead(by count: Int) -> Bool {
    bpf_xdp_adjust_head(context, Int32(truncatingIfNeeded: 0 &- count)) == 0
  }

  @inline(__always)
  mutating func trim(to count: Int) -> Bool {
    bpf_xdp_adjust_tail(context, Int32(truncatingIfNeeded: count &- xdp_length(context))) == 0
  }

  @inline(__always)
  func settle<Value>(_ value: Value) -> Value {
    let place = scratch.assumingMemoryBound(to: Value.self)
    place.pointee = value
    memory_barrier()
    return place.pointee
  }

  var now: Tick {
    @inline(__always) get { Tick(nanoseconds: bpf_ktime_get_coarse_ns()) }
  }

  var settings: UnsafePointer<Settings>? {
    @inline(__always) get { lookup(0 as UInt32, in: settings_map()).map { UnsafePointer($0) } }
  }

  @inline(__always)
  func virtualAddress(_ key: PrefixKey) -> UnsafePointer<VirtualAddressEntry>? {
    lookup(key, in: virtual_addresses_map()).map { UnsafePointer($0) }
  }

  @inline(__always)
  func portTable(_ key: PortTableKey) -> UnsafePointer<PortTable>? {
    lookup(key, in: port_tables_map()).map { UnsafePointer($0) }
  }

  @inline(__always)
  func sourceFilter(_ word: UInt32) -> UInt64 {
    let row: UnsafeMutablePointer<UInt64>? = lookup(word, in: source_filter_map())
    return row?.pointee ?? 0
  }

  @inline(__always)
  func service(_ key: ServiceKey) -> UnsafePointer<ServiceEntry>? {
    lookup(key, in: services_map()).map { UnsafePointer($0) }
  }

  @inline(__always)
  func slot(_ number: UInt32, ofService index: UInt32) -> UnsafePointer<Slot>? {
    lookup(number, inTable: index, of: slots_map()).map { UnsafePointer($0) }
  }

  @inline(__always)
  func transition(_ number: UInt32, ofService index: UInt32) -> UnsafeMutablePointer<Transition>? {
    lookup(number, inTable: index, of: transitions_map())
  }

  @inline(__always)
  func destination(_ index: DestinationIndex) -> UnsafePointer<Destination>? {
    lookup(index.rawValue, in: destinations_map()).map { UnsafePointer($0) }
  }

  @inline(__always)
  func flows(_ bucket: UInt32) -> FlowBucket? {
    lookup(bucket, in: flows_map()).map { FlowBucket($0) }
  }

  @inline(__always)
  func fragments(_ bucket: UInt32) -> FlowBucket? {
    lookup(bucket, in: fragments_map()).map { FlowBucket($0) }
  }

  @inline(__always)
  func allowance() -> UnsafeMutablePointer<Allowance>? {
    lookup(0 as UInt32, in: allowances_map())
  }

  @inline(__always)
  mutating func count(_ destination: DestinationIndex, bytes: UInt64, isNewFlow: Bool) {
    let counter: UnsafeMutablePointer<TrafficCounter>? = lookup(destination.rawValue, in: traffic_map())
    counter?.pointee.add(bytes: bytes, isNewFlow: isNewFlow)
  }

  @inline(__always)
  mutating func count(_ verdict: Verdict, ofService index: UInt32) {
    let row = index &* UInt32(Capacity.verdicts) &+ UInt32(verdict.rawValue)
    let counter: UnsafeMutablePointer<UInt64>? = lookup(row, in: verdicts_map())
    counter?.pointee &+= 1
  }
}

/// The value of `key`, where the map has one.
@inline(__always)
func lookup<Key: BitwiseCopyable, Value>(_ key: Key, in map: UnsafeRawPointer) -> UnsafeMutablePointer<Value>? {
  var key = key
  return bpf_map_lookup_elem(map, &key)?.assumingMemoryBound(to: Value.self)
}

/// The value of `key` in the inner map that stands at `table`.
@inline(__always)
private func lookup<Value>(
  _ key: UInt32, inTable table: UInt32, of maps: UnsafeRawPointer
) -> UnsafeMutablePointer<Value>? {
  var table = table
  guard let inner = bpf_map_lookup_elem(maps, &table) else { return nil }
  return lookup(key, in: inner)
}
