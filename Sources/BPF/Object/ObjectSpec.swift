// SPDX-License-Identifier: MIT

/// The programs of a compiled object, as pure values: nothing here needs a kernel.
///
/// Each executable section whose name does not begin with `.text` holds one program; its only global function is the
/// entry. Maps are undefined symbols (`extern char NAME;` in C terms), given their descriptors when the program is loaded.
public struct ObjectSpec: Equatable, Sendable {
  /// In the order of the sections.
  public let programs: [ProgramSpec]
  /// The text of the section `license`, if the object has one: what the kernel compares with "GPL" and its like.
  public let license: String?

  /// Reads an ELF object.
  /// - Throws: `ELFError` for anything that is not a sound BPF object, or that the kernel could not run. Any bytes
  ///   are fit to be passed in.
  public init(elf bytes: [UInt8]) throws(ELFError) {
    let file = try ELFFile(bytes)
    var programs: [ProgramSpec] = []
    for index in file.sections.indices where file.sections[index].isProgram {
      programs.append(try ProgramReader(file: file, section: index).read())
    }
    self.programs = programs
    license = try file.sections.first { $0.name == "license" && $0.bytes.count > 0 }
      .map { section throws(ELFError) in try section.bytes.string(at: 0) }
  }

  /// The program in the section of this name.
  public func program(section: String) throws(ELFError) -> ProgramSpec {
    guard let program = programs.first(where: { $0.section == section }) else {
      throw .noProgram(section: section, available: programs.map(\.section))
    }
    return program
  }
}

extension ELFFile.Section {
  /// What the compiler puts aside in `.text…` is unused, or else a relocation of a program points into it.
  var isProgram: Bool { isCode && !name.hasPrefix(".text") }
}
