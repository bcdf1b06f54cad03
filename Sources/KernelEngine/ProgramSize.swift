// SPDX-License-Identifier: MIT
import BPF
import SystemPackage

/// How large a program is, and what the kernel's verifier made of it.
public struct ProgramSize: Hashable, Sendable {
  /// The entry function without its prefix.
  public let name: String
  /// Instructions as they were compiled, in words of 8 bytes.
  public let instructions: Int
  /// Instructions that this kernel's verifier went through, over all paths; 0 before Linux 5.16. It allows a million.
  public let verified: Int
  /// Bytes of machine code; 0 if the program is interpreted.
  public let machineCode: Int
  /// Bytes of stack, of which the kernel has 512; nil where it does not tell.
  public let stack: Int?

  /// The sizes of all programs, each loaded into the kernel for a moment.
  public static func all() throws -> [ProgramSize] {
    let maps = try DirectorMaps()
    let decapsulator = try DecapsulatorMaps()
    let clients = try Map.create(KernelBenchmark.clientsSpec)
    var descriptors = maps.descriptors.merging(decapsulator.descriptors) { director, _ in director }
    descriptors[KernelBenchmark.clientsSpec.name] = clients.descriptor
    // A descriptor is a number, which keeps no map open: an optimized build closes each map after its last use.
    return try withExtendedLifetime(maps) {
      try withExtendedLifetime(decapsulator) {
        try withExtendedLifetime(clients) {
          try Programs.Section.allCases.map { try ProgramSize($0, descriptors) }
        }
      }
    }
  }

  private init(_ section: Programs.Section, _ maps: [String: FileDescriptor]) throws {
    let spec = try Programs.spec(section)
    let info = try Program.load(spec, maps: maps, license: Programs.license).info()
    name = spec.name.hasPrefix("culvert_") ? String(spec.name.dropFirst("culvert_".count)) : spec.name
    instructions = spec.instructions.count
    verified = Int(info.verifiedInstructions)
    machineCode = info.machineCodeSize
    stack = try Program.stackDepth(of: spec, maps: maps, license: Programs.license)
  }
}
