// SPDX-License-Identifier: MIT

/// One program as its object describes it, not yet known to the kernel.
public struct ProgramSpec: Equatable, Sendable {
  /// An instruction that must be given a map before the program can be loaded.
  public struct MapReference: Equatable, Sendable {
    /// The map's name: the undefined symbol that the program refers to.
    public var name: String
    /// Index of the first of the two words that load the map's address.
    public var instruction: Int
  }

  /// The entry function's name.
  public var name: String
  /// The section that it was found in, such as `xdp`.
  public var section: String
  /// eBPF instructions, RFC 9669: the opcode in the lowest byte. A wide instruction takes two words.
  public var instructions: [UInt64]
  /// The map references, in the order of the instructions.
  public var references: [MapReference]

  /// A program made without an object, for tests and probes.
  public init(name: String, section: String, instructions: [UInt64], references: [MapReference] = []) {
    self.name = name
    self.section = section
    self.instructions = instructions
    self.references = references
  }

  /// The names of the maps that the program needs, each once, sorted.
  public var mapNames: [String] {
    Set(references.map(\.name)).sorted()
  }

  /// The instructions with each map reference replaced by what `descriptor` says the map's file descriptor is.
  /// - Returns: nil when `descriptor` does not know a map.
  func relocated(_ descriptor: (String) -> CInt?) -> [UInt64]? {
    var patched = instructions
    for reference in references {
      guard let number = descriptor(reference.name) else { return nil }
      patched[reference.instruction] = Self.loadMap(patched[reference.instruction], descriptor: number)
      patched[reference.instruction + 1] = 0
    }
    return patched
  }

  /// `instruction` with the source register `BPF_PSEUDO_MAP_FD` (1) and the descriptor as immediate value.
  private static func loadMap(_ instruction: UInt64, descriptor: CInt) -> UInt64 {
    let opcodeAndDestination = instruction & 0x0fff
    return opcodeAndDestination | 1 << 12 | UInt64(UInt32(bitPattern: descriptor)) << 32
  }
}
