// SPDX-License-Identifier: MIT
import BPF
public import DataPlane
public import Wire

/// Culvert's own end of the tunnels on a real server: for kernels without tunnel devices, and for whoever wants an
/// allow-list and counters. It goes on when the process that attached it ends.
public struct Decapsulator: ~Copyable {
  private let addresses: Map
  private let verdicts: Map

  enum Spec {
    static let addresses = MapSpec.hash("addresses", from: AddressKey.self, to: AddressRole.self, maxEntries: 8192)
    static let verdicts = MapSpec.array("decapsulated", of: UInt64.self, maxEntries: 32, perCPU: true)
  }

  /// A decapsulator for the given addresses, not attached yet. An address may play several parts.
  public init(addresses roles: [IPAddress: AddressRole]) throws {
    let addresses = try Map.create(Spec.addresses)
    let verdicts = try Map.create(Spec.verdicts)
    for (address, role) in roles { try addresses.update(AddressKey(address.mapped), role) }
    self.addresses = addresses
    self.verdicts = verdicts
  }

  /// The decapsulator that is kept in `pins`.
  public init(keptIn pins: PinDirectory) throws {
    let addresses = try Map.openPinned(at: "\(pins.path)/\(Spec.addresses.name)")
    let verdicts = try Map.openPinned(at: "\(pins.path)/\(Spec.verdicts.name)")
    try addresses.verifySpec(Spec.addresses)
    try verdicts.verifySpec(Spec.verdicts)
    self.addresses = addresses
    self.verdicts = verdicts
  }

  /// Attaches it to the interface with index `interface`, in place of the one kept in `pins`.
  public func attach(to interface: UInt32, pins: PinDirectory) throws -> AttachmentReport {
    let program = try Programs.load(
      .decapsulator,
      maps: [Spec.addresses.name: addresses.descriptor, Spec.verdicts.name: verdicts.descriptor])
    return try pins.attach(program, to: interface) { (directory) throws(BPFError) in
      try addresses.pin(at: "\(directory)/\(Spec.addresses.name)")
      try verdicts.pin(at: "\(directory)/\(Spec.verdicts.name)")
    }
  }

  /// The parts that addresses play.
  public func roles() throws -> [IPAddress: AddressRole] {
    var roles: [IPAddress: AddressRole] = [:]
    try addresses.forEach(AddressKey.self, AddressRole.self) { key, role in
      roles[IPAddress(mapped: key.address)] = role
    }
    return roles
  }

  /// How often each verdict was given, on all CPUs together.
  public func counters() throws -> [DecapsulationVerdict: UInt64] {
    let rows: [[UInt64]] = try verdicts.readArrayPerCPU()
    return Dictionary(
      uniqueKeysWithValues: DecapsulationVerdict.allCases.map { verdict in
        (verdict, rows[Int(verdict.rawValue)].reduce(0, &+))
      })
  }
}

/// The program that lets every frame pass.
public enum PassProgram {
  /// Attaches it to the interface with index `interface`, and keeps it there.
  public static func attach(to interface: UInt32, pins: PinDirectory) throws -> AttachmentReport {
    try pins.attach(try Programs.load(.pass), to: interface) { (_) throws(BPFError) in }
  }
}
