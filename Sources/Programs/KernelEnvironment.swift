// SPDX-License-Identifier: MIT
import CKernel
import DataPlane
import Wire

/// The data plane's surroundings inside the kernel: an XDP context, BPF maps and helpers.
struct KernelEnvironment: Environment {
  let context: UnsafePointer<xdp_md>

  var packet: PacketBytes {
    @inline(__always) get { PacketBytes(start: xdp_data(context), end: xdp_data_end(context)) }
  }

  @inline(__always)
  mutating func growHead(by count: Int) -> Bool {
    bpf_xdp_adjust_head(context, Int32(truncatingIfNeeded: 0 &- count)) == 0
  }

  var now: Tick {
    @inline(__always) get { Tick(nanoseconds: bpf_ktime_get_coarse_ns()) }
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
  func flow(_ key: FlowKey) -> UnsafeMutablePointer<Flow>? {
    lookup(key, in: flows_map())
  }

  @inline(__always)
  mutating func remember(_ flow: Flow, for key: FlowKey) -> Bool {
    var key = key
    var flow = flow
    return bpf_map_update_elem(flows_map(), &key, &flow, 0) == 0
  }

  @inline(__always)
  mutating func count(_ destination: DestinationIndex, bytes: UInt64, opensConnection: Bool) {
    let counter: UnsafeMutablePointer<TrafficCounter>? = lookup(destination.rawValue, in: traffic_map())
    counter?.pointee.add(bytes: bytes, opensConnection: opensConnection)
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
