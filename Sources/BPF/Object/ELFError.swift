// SPDX-License-Identifier: MIT

/// Why the bytes are not an object that programs can be taken from.
public enum ELFError: Error, Equatable, Sendable {
  /// The file does not begin with the ELF magic number.
  case notELF
  /// A sound ELF file, but not a relocatable little-endian 64-bit BPF object; the text says which property differs.
  case notBPF(String)
  /// `what` lies outside of the file, wholly or in part.
  case truncated(what: String)
  /// A field contradicts the format; the text says which.
  case malformed(String)
  /// No executable section has this name.
  case noProgram(section: String, available: [String])
  /// A program section must hold exactly one global function: the entry.
  case entryPoints(section: String, symbols: [String])
  /// The program calls a function that is not part of it.
  case notInlined(program: String, symbol: String)
  /// The program refers to data of the object (a constant table, a global variable), which nothing places in the kernel.
  case data(program: String, section: String, symbol: String)
  /// A relocation of a kind that map references and calls do not make.
  case relocation(program: String, type: UInt32, symbol: String)
}

extension ELFError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notELF: "not an ELF file"
    case .notBPF(let reason): "not a BPF object: \(reason)"
    case .truncated(let what): "the object is cut short: \(what) lies outside of the file"
    case .malformed(let what): "the object is malformed: \(what)"
    case .noProgram(let section, let available):
      "no program in section \(section); the object has \(list(available))"
    case .entryPoints(let section, let symbols):
      "section \(section) must hold one global function, the entry, and holds \(list(symbols))"
    case .notInlined(let program, let symbol):
      "\(program) calls \(symbol), which was not inlined: everything that the entry calls must become part of it"
    case .data(let program, let section, let symbol):
      "\(program) refers to \(symbol) in section \(section): a program can use literals and maps, not data of its object"
    case .relocation(let program, let type, let symbol):
      "\(program) has a relocation of type \(type) against \(symbol), which is neither a map reference nor a call"
    }
  }

  private func list(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.joined(separator: ", ")
  }
}
