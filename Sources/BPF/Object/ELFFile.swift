// SPDX-License-Identifier: MIT

/// The sections, symbols and relocations of a relocatable BPF object: what elf(5) calls `Elf64_Shdr`, `Elf64_Sym` and
/// `Elf64_Rel`.
struct ELFFile {
  struct Section {
    var name: String
    var type: UInt32
    var flags: UInt64
    /// For a relocation section, the index of its symbol table; for a symbol table, of its strings.
    var link: UInt32
    /// For a relocation section, the index of the section it applies to.
    var info: UInt32
    var bytes: ELFBytes

    /// The corresponding C constants are `SHT_PROGBITS` and `SHF_EXECINSTR`.
    var isCode: Bool { type == 1 && flags & 4 != 0 && bytes.count > 0 }
  }

  struct Symbol {
    var name: String
    /// The index of the section that defines it; 0 for an undefined symbol.
    var section: Int
    var value: UInt64
    var binding: UInt8
    var kind: UInt8

    /// The corresponding C constants are `STB_LOCAL` and `STT_FUNC`.
    var isGlobalFunction: Bool { binding != 0 && kind == 2 }
    /// The corresponding C constant is `STT_FUNC`.
    var isFunction: Bool { kind == 2 }
  }

  struct Relocation {
    /// Where in its section, in bytes.
    var offset: UInt64
    var type: UInt32
    var symbol: Symbol
  }

  let sections: [Section]
  let symbols: [Symbol]

  init(_ bytes: [UInt8]) throws(ELFError) {
    let file = ELFBytes(bytes[...], name: "the ELF header")
    try Self.checkHeader(file)
    sections = try Self.readSections(file)
    symbols = try Self.readSymbols(sections)
  }

  /// The relocations of the section with index `index`.
  func relocations(ofSection index: Int) throws(ELFError) -> [Relocation] {
    var found: [Relocation] = []
    for section in sections where Int(section.info) == index {
      // SHT_REL: BPF keeps addends in the instructions. SHT_RELA (4) is not made for BPF.
      guard section.type != 4 else { throw .malformed("\(section.name) holds relocations with addends") }
      guard section.type == 9 else { continue }
      for record in 0..<(try section.bytes.records(ofSize: 16)) {
        found.append(try relocation(section.bytes, at: record * 16))
      }
    }
    return found
  }

  private func relocation(_ bytes: ELFBytes, at offset: Int) throws(ELFError) -> Relocation {
    let symbol = Int(try bytes.integer(UInt32.self, at: offset + 12))
    guard symbols.indices.contains(symbol) else {
      throw .malformed("a relocation in \(bytes.name) names symbol \(symbol) of \(symbols.count)")
    }
    return Relocation(
      offset: try bytes.integer(UInt64.self, at: offset),
      type: try bytes.integer(UInt32.self, at: offset + 8),
      symbol: symbols[symbol])
  }
}

extension ELFFile {
  private static func checkHeader(_ file: ELFBytes) throws(ELFError) {
    guard file.bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { throw .notELF }
    guard try file.integer(UInt8.self, at: 4) == 2 else { throw .notBPF("not 64-bit") }
    guard try file.integer(UInt8.self, at: 5) == 1 else { throw .notBPF("not little-endian") }
    guard try file.integer(UInt16.self, at: 16) == 1 else { throw .notBPF("not relocatable") }
    // EM_BPF
    let machine = try file.integer(UInt16.self, at: 18)
    guard machine == 247 else { throw .notBPF("made for machine \(machine), and BPF is 247") }
  }

  private static func readSections(_ file: ELFBytes) throws(ELFError) -> [Section] {
    let size = try file.integer(UInt16.self, at: 58)
    guard size == 64 else { throw .malformed("section headers of \(size) bytes, and the format has 64") }
    let count = try file.integer(UInt16.self, at: 60)
    let table = try file.part(
      "the section table", at: try file.integer(UInt64.self, at: 40), size: UInt64(count) * 64)
    let names = try nameTable(file, table: table, index: try file.integer(UInt16.self, at: 62), count: count)
    var sections: [Section] = []
    for index in 0..<Int(count) {
      sections.append(try section(file, header: table, at: index * 64, names: names))
    }
    return sections
  }

  private static func nameTable(
    _ file: ELFBytes, table: ELFBytes, index: UInt16, count: UInt16
  ) throws(ELFError) -> ELFBytes {
    guard index < count else { throw .malformed("the section of names is \(index) of \(count)") }
    let header = Int(index) * 64
    return try file.part(
      "the section names",
      at: try table.integer(UInt64.self, at: header + 24), size: try table.integer(UInt64.self, at: header + 32))
  }

  private static func section(
    _ file: ELFBytes, header: ELFBytes, at offset: Int, names: ELFBytes
  ) throws(ELFError) -> Section {
    let type = try header.integer(UInt32.self, at: offset + 4)
    let name = try names.string(at: try header.integer(UInt32.self, at: offset))
    // SHT_NULL and SHT_NOBITS occupy no bytes of the file, whatever their size says.
    let size = type == 0 || type == 8 ? 0 : try header.integer(UInt64.self, at: offset + 32)
    let start = size == 0 ? 0 : try header.integer(UInt64.self, at: offset + 24)
    return Section(
      name: name,
      type: type,
      flags: try header.integer(UInt64.self, at: offset + 8),
      link: try header.integer(UInt32.self, at: offset + 40),
      info: try header.integer(UInt32.self, at: offset + 44),
      bytes: try file.part("section \(name)", at: start, size: size))
  }

  private static func readSymbols(_ sections: [Section]) throws(ELFError) -> [Symbol] {
    // SHT_SYMTAB: a relocatable object has at most one.
    guard let table = sections.first(where: { $0.type == 2 }) else { return [] }
    guard let link = Int(exactly: table.link), sections.indices.contains(link) else {
      throw .malformed("the symbol table's names are section \(table.link) of \(sections.count)")
    }
    var symbols: [Symbol] = []
    for record in 0..<(try table.bytes.records(ofSize: 24)) {
      symbols.append(try symbol(table.bytes, at: record * 24, names: sections[link].bytes, sections: sections))
    }
    return symbols
  }

  private static func symbol(
    _ table: ELFBytes, at offset: Int, names: ELFBytes, sections: [Section]
  ) throws(ELFError) -> Symbol {
    let info = try table.integer(UInt8.self, at: offset + 4)
    let section = Int(try table.integer(UInt16.self, at: offset + 6))
    var name = try names.string(at: try table.integer(UInt32.self, at: offset))
    // STT_SECTION symbols have no name of their own.
    if name.isEmpty, info & 0xf == 3, sections.indices.contains(section) { name = sections[section].name }
    return Symbol(
      name: name, section: section, value: try table.integer(UInt64.self, at: offset + 8),
      binding: info >> 4, kind: info & 0xf)
  }
}
