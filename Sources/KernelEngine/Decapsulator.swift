// SPDX-License-Identifier: MIT
public import BPF
public import DataPlane
import Wire

/// Culvert's own end of the tunnels on a real server: for kernels without tunnel devices, and for whoever wants an
/// allow-list and counters. It goes on when the process that attached it ends.
public struct Decapsulator: ~Copyable {
  private let maps: DecapsulatorMaps

  /// One that takes what `allowList` says, not attached yet.
  ///
  /// - Throws: `EngineError` where the list has too many kinds of prefixes, `BPFError` where the kernel refuses.
  public init(_ allowList: AllowList) throws {
    let settings = try allowList.settings()
    let maps = try DecapsulatorMaps()
    try maps.settings.update(0 as UInt32, settings)
    for (prefix, role) in allowList.roles { try maps.addresses.update(PrefixKey(prefix), role) }
    self.maps = maps
  }

  /// The decapsulator that is kept in `pins`.
  public init(keptIn pins: PinDirectory) throws {
    maps = try DecapsulatorMaps(pinnedIn: pins.path)
  }

  /// Attaches it to the interface with index `interface`, in place of the one kept in `pins`.
  public func attach(to interface: UInt32, pins: PinDirectory) throws -> AttachmentReport {
    let program = try Programs.load(.decapsulator, maps: maps.descriptors)
    return try pins.attach(program, to: interface) { (directory) throws(BPFError) in try maps.pin(in: directory) }
  }

  /// What it takes.
  public func allowList() throws -> AllowList {
    var roles: [IPPrefix: AddressRole] = [:]
    try maps.addresses.forEach(PrefixKey.self, AddressRole.self) { key, role in
      if let prefix = IPPrefix(key) { roles[prefix] = role }
    }
    return AllowList(roles: roles, try maps.settings.lookup(0 as UInt32) ?? .none)
  }

  /// How often each verdict was given, on all CPUs together.
  public func counters() throws -> [DecapsulationVerdict: UInt64] {
    let rows: [[UInt64]] = try maps.verdicts.readArrayPerCPU()
    return Dictionary(
      uniqueKeysWithValues: DecapsulationVerdict.allCases.map { verdict in
        (verdict, rows[Int(verdict.rawValue)].reduce(0, &+))
      })
  }

  /// The program on packets of the caller's, without any network: what it returns is an `xdp_action`.
  public func runner() throws -> TestRunner {
    try TestRunner(try Programs.load(.decapsulator, maps: maps.descriptors))
  }
}

/// The program that lets every frame pass.
public enum PassProgram {
  /// Brings it into the kernel, attached to nothing.
  public static func load() throws -> Program { try Programs.load(.pass) }

  /// Attaches it to the interface with index `interface`, and keeps it there.
  public static func attach(to interface: UInt32, pins: PinDirectory) throws -> AttachmentReport {
    try pins.attach(try Programs.load(.pass), to: interface) { (_) throws(BPFError) in }
  }
}
