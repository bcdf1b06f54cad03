// SPDX-License-Identifier: MIT

/// Takes one program out of its section.
struct ProgramReader {
  let file: ELFFile
  /// The index of the program's section.
  let section: Int
  let name: String
  let instructions: [UInt64]

  init(file: ELFFile, section: Int) throws(ELFError) {
    self.file = file
    self.section = section
    let entries = file.symbols.filter { $0.section == section && $0.isGlobalFunction }
    guard let entry = entries.first, entries.count == 1, entry.value == 0 else {
      throw .entryPoints(section: file.sections[section].name, symbols: entries.map(\.name))
    }
    name = entry.name
    let bytes = file.sections[section].bytes
    var instructions: [UInt64] = []
    for word in 0..<(try bytes.records(ofSize: 8)) {
      instructions.append(try bytes.integer(UInt64.self, at: word * 8))
    }
    self.instructions = instructions
  }

  func read() throws(ELFError) -> ProgramSpec {
    var references: [ProgramSpec.MapReference] = []
    for relocation in try file.relocations(ofSection: section) {
      references.append(try reference(relocation))
    }
    references.sort { $0.instruction < $1.instruction }
    return ProgramSpec(
      name: name, section: file.sections[section].name, instructions: instructions, references: references)
  }

  private func reference(_ relocation: ELFFile.Relocation) throws(ELFError) -> ProgramSpec.MapReference {
    let index = try instruction(at: relocation.offset)
    // R_BPF_64_64 and R_BPF_64_32 of the BPF psABI.
    switch relocation.type {
    case 1: return .init(name: try mapName(relocation.symbol, loadedAt: index), instruction: index)
    case 10: throw .notInlined(program: name, symbol: callee(relocation.symbol, calledAt: index))
    default: throw .relocation(program: name, type: relocation.type, symbol: relocation.symbol.name)
    }
  }

  private func instruction(at offset: UInt64) throws(ELFError) -> Int {
    guard offset % 8 == 0, let index = Int(exactly: offset / 8), index < instructions.count else {
      throw .malformed("a relocation of \(name) points to byte \(offset) of \(instructions.count * 8)")
    }
    return index
  }

  /// The map that the wide load at `index` refers to.
  private func mapName(_ symbol: ELFFile.Symbol, loadedAt index: Int) throws(ELFError) -> String {
    // BPF_LD | BPF_IMM | BPF_DW, whose second word has no opcode.
    guard instructions[index] & 0xff == 0x18, index + 1 < instructions.count, instructions[index + 1] & 0xff == 0 else {
      throw .malformed("\(name) refers to \(symbol.name) in an instruction that does not load an address")
    }
    guard symbol.section == 0 else { throw defined(symbol, loadedAt: index) }
    guard !symbol.name.isEmpty else { throw .malformed("\(name) refers to a map without a name") }
    guard instructions[index] >> 32 == 0, instructions[index + 1] == 0 else {
      throw .malformed("\(name) refers to the inside of \(symbol.name), and a map can only be used as a whole")
    }
    return symbol.name
  }

  /// The error for a reference to something inside the object.
  private func defined(_ symbol: ELFFile.Symbol, loadedAt index: Int) -> ELFError {
    guard file.sections.indices.contains(symbol.section) else {
      return .malformed("symbol \(symbol.name) is in section \(symbol.section) of \(file.sections.count)")
    }
    let section = file.sections[symbol.section]
    guard !section.isCode else { return .notInlined(program: name, symbol: symbol.name) }
    return .data(program: name, section: section.name, symbol: symbol.name)
  }

  /// The function that the call at `index` goes to. A static one is named by its section, and its place there is
  /// in the instruction: the words from the section's start, less one.
  private func callee(_ symbol: ELFFile.Symbol, calledAt index: Int) -> String {
    guard symbol.kind == 3 else { return symbol.name }
    let word = UInt64(UInt32(truncatingIfNeeded: instructions[index] >> 32) &+ 1)
    let function = file.symbols.first { $0.section == symbol.section && $0.isFunction && $0.value == word * 8 }
    return function?.name ?? symbol.name
  }
}
