// SPDX-License-Identifier: MIT
import BPF
import DataPlane
import SystemPackage

/// The decapsulator's maps. The symbols of `CKernel.h` have the same names.
struct DecapsulatorMaps: ~Copyable {
  let settings: Map
  let addresses: Map
  let verdicts: Map

  /// What each map is: sizes from the structs that the program was compiled with.
  private enum Spec {
    static let settings = MapSpec.array("tunnel_settings", of: DecapsulationSettings.self, maxEntries: 1)
    static let addresses = MapSpec.hash("addresses", from: PrefixKey.self, to: AddressRole.self, maxEntries: 8192)
    static let verdicts = MapSpec.array("decapsulated", of: UInt64.self, maxEntries: 32, perCPU: true)
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
    let settings = try make(Spec.settings)
    let addresses = try make(Spec.addresses)
    let verdicts = try make(Spec.verdicts)
    self.settings = settings
    self.addresses = addresses
    self.verdicts = verdicts
  }

  func pin(in directory: String) throws(BPFError) {
    try settings.pin(at: "\(directory)/\(Spec.settings.name)")
    try addresses.pin(at: "\(directory)/\(Spec.addresses.name)")
    try verdicts.pin(at: "\(directory)/\(Spec.verdicts.name)")
  }

  /// By the names that the program refers to them by.
  var descriptors: [String: FileDescriptor] {
    [
      Spec.settings.name: settings.descriptor, Spec.addresses.name: addresses.descriptor,
      Spec.verdicts.name: verdicts.descriptor,
    ]
  }
}
