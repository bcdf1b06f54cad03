// SPDX-License-Identifier: MIT
import BPF
import DataPlane
import SystemPackage

/// The director program's maps. `KernelMap` symbols of `CKernel.h` have the same names.
struct DirectorMaps: ~Copyable {
  let services: Map
  let slots: Map
  let transitions: Map
  let destinations: Map
  let flows: Map
  let traffic: Map
  let verdicts: Map

  /// What each map is: sizes from the structs that the program was compiled with.
  enum Spec {
    static let services = MapSpec.hash(
      "services", from: ServiceKey.self, to: ServiceEntry.self, maxEntries: UInt32(Capacity.services - 1))
    static let slots = MapSpec.array("slots", ofMapsLike: slotTable, maxEntries: UInt32(Capacity.services))
    static let transitions = MapSpec.array(
      "transitions", ofMapsLike: transitionTable, maxEntries: UInt32(Capacity.services))
    static let destinations = MapSpec.array(
      "destinations", of: Destination.self, maxEntries: UInt32(Capacity.destinations))
    static let flows = MapSpec.hash("flows", from: FlowKey.self, to: Flow.self, maxEntries: UInt32(Capacity.flows))
    static let traffic = MapSpec.array(
      "traffic", of: TrafficCounter.self, maxEntries: UInt32(Capacity.destinations), perCPU: true)
    static let verdicts = MapSpec.array(
      "verdicts", of: UInt64.self, maxEntries: UInt32(Capacity.services * Capacity.verdicts), perCPU: true)

    /// One service's slots.
    static let slotTable = MapSpec.array("slot_table", of: Slot.self, maxEntries: UInt32(slotCount))
    /// One service's transitions: there only while it has unsettled slots.
    static let transitionTable = MapSpec.array("transition_table", of: Transition.self, maxEntries: UInt32(slotCount))
  }

  /// Empty maps, gone with the process unless they are pinned.
  init() throws {
    try self.init { spec in try Map.create(spec) }
  }

  /// The maps pinned in `directory`.
  ///
  /// - Throws: `MapMismatch` where a version with other tables made them.
  init(pinnedIn directory: String) throws {
    try self.init { spec in
      let map = try Map.openPinned(at: "\(directory)/\(spec.name)")
      try map.verifySpec(spec)
      return map
    }
  }

  // All that throws comes before the first property is set: a noncopyable value cannot be left half made.
  private init(_ make: (MapSpec) throws -> Map) throws {
    let services = try make(Spec.services)
    let slots = try make(Spec.slots)
    let transitions = try make(Spec.transitions)
    let destinations = try make(Spec.destinations)
    let flows = try make(Spec.flows)
    let traffic = try make(Spec.traffic)
    let verdicts = try make(Spec.verdicts)
    self.services = services
    self.slots = slots
    self.transitions = transitions
    self.destinations = destinations
    self.flows = flows
    self.traffic = traffic
    self.verdicts = verdicts
  }

  func pin(in directory: String) throws(BPFError) {
    try services.pin(at: "\(directory)/\(Spec.services.name)")
    try slots.pin(at: "\(directory)/\(Spec.slots.name)")
    try transitions.pin(at: "\(directory)/\(Spec.transitions.name)")
    try destinations.pin(at: "\(directory)/\(Spec.destinations.name)")
    try flows.pin(at: "\(directory)/\(Spec.flows.name)")
    try traffic.pin(at: "\(directory)/\(Spec.traffic.name)")
    try verdicts.pin(at: "\(directory)/\(Spec.verdicts.name)")
  }

  /// By the names that the program refers to them by.
  var descriptors: [String: FileDescriptor] {
    [
      Spec.services.name: services.descriptor,
      Spec.slots.name: slots.descriptor,
      Spec.transitions.name: transitions.descriptor,
      Spec.destinations.name: destinations.descriptor,
      Spec.flows.name: flows.descriptor,
      Spec.traffic.name: traffic.descriptor,
      Spec.verdicts.name: verdicts.descriptor,
    ]
  }
}
