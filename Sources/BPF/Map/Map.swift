// SPDX-License-Identifier: MIT
internal import CLibbpf
public import Linux
public import SystemPackage

/// A map in the kernel, kept alive by its descriptor, by pins and by the programs that use it.
///
/// Keys and values are passed as the structs that the program uses as well. Their size (not stride) must be the map's:
/// anything else is a mistake in the code, and traps. Each call below is one system call, and atomic for one element.
public struct Map: ~Copyable, Sendable {
  private let owner: OwnedDescriptor
  /// As the kernel reports it: a name of at most 15 bytes, no `innerSpec` when the map was opened, not created.
  public let spec: MapSpec

  private init(owning number: CInt, spec: MapSpec) {
    owner = OwnedDescriptor(owning: FileDescriptor(rawValue: number))
    self.spec = spec
  }

  /// On loan: valid while the map lives, and not to be closed.
  public var descriptor: FileDescriptor { owner.borrowed }

  /// The number that libbpf takes.
  var number: CInt { owner.rawValue }

  /// Creates an empty map. libbpf raises the limit of locked memory first where the kernel still counts maps there
  /// (before Linux 5.11).
  public static func create(_ spec: MapSpec) throws(BPFError) -> Map {
    guard let innerSpec = spec.innerSpec else { return try create(spec, innerMap: 0) }
    let template = try create(innerSpec)
    return try create(spec, innerMap: template.number)
  }

  private static func create(_ spec: MapSpec, innerMap: CInt) throws(BPFError) -> Map {
    var options = bpf_map_create_opts()
    options.sz = MemoryLayout<bpf_map_create_opts>.size
    options.map_flags = spec.flags.rawValue
    options.inner_map_fd = UInt32(bitPattern: innerMap)
    let number = unsafe bpf_map_create(
      bpf_map_type(rawValue: spec.type.rawValue), spec.kernelName, spec.keySize, spec.valueSize, spec.maxEntries,
      &options)
    try checked(number, "creating map \(spec.name) (\(spec.type) of \(spec.maxEntries))")
    return Map(owning: number, spec: spec)
  }

  /// Opens the map pinned at `path` in a BPF file system.
  public static func openPinned(at path: String) throws(BPFError) -> Map {
    let owner = try openPin(.map, at: path)
    let spec = try MapInfo(ofDescriptor: owner.rawValue).spec
    return Map(owner: owner, spec: spec)
  }

  /// Opens the map with the number that `bpftool map` shows. Needs CAP_SYS_ADMIN.
  public static func open(id: UInt32) throws(BPFError) -> Map {
    let number = try checked(bpf_map_get_fd_by_id(id), "opening map \(id)")
    let owner = OwnedDescriptor(owning: FileDescriptor(rawValue: number))
    return Map(owner: owner, spec: try MapInfo(ofDescriptor: number).spec)
  }

  private init(owner: consuming OwnedDescriptor, spec: MapSpec) {
    self.owner = owner
    self.spec = spec
  }

  /// Pins the map, which then outlives this process until the pin is removed.
  public func pin(at path: String) throws(BPFError) {
    try pinObject(number, at: path, what: "map \(spec.name)")
  }

  /// What the kernel says about the map now.
  public func info() throws(BPFError) -> MapInfo {
    try MapInfo(ofDescriptor: number)
  }

  /// The values of an array made `memoryMappable`, one after the other: memory that programs see as well.
  public func mapped() throws(BPFError) -> MemoryMapping {
    let byteCount = Int(spec.maxEntries) * Int(spec.valueSize)
    do {
      return try MemoryMapping(descriptor, byteCount: byteCount)
    } catch {
      throw BPFError("mapping \(spec.name) into memory", error.errno)
    }
  }

  /// Checks that the map can be used where `expected` is needed.
  public func verifySpec(_ expected: MapSpec) throws(MapMismatch) {
    let differences = expected.differences(of: spec)
    guard differences.isEmpty else { throw MapMismatch(name: expected.name, differences: differences) }
  }
}

/// What the kernel says about a map.
public struct MapInfo: Equatable, Sendable {
  /// As `bpftool map` shows it.
  public var id: UInt32
  public var spec: MapSpec

  init(ofDescriptor number: CInt) throws(BPFError) {
    var info = bpf_map_info()
    try readInfo(number, into: &info, what: "a map")
    id = info.id
    spec = MapSpec(
      name: unsafe withUnsafeBytes(of: info.name) { unsafe String(kernelName: $0) },
      type: MapType(rawValue: info.type),
      keySize: info.key_size, valueSize: info.value_size, maxEntries: info.max_entries,
      flags: MapFlags(rawValue: info.map_flags))
  }
}
