// SPDX-License-Identifier: MIT
import BPF
import SystemPackage

/// The programs of `Sources/Programs`, as the build compiled them.
enum Programs {
  /// What each program does, by the section it stands in.
  enum Section: String, CaseIterable {
    case director = "xdp"
    case verdict = "xdp.verdict"
    case decapsulator = "xdp.decapsulate"
    case pass = "xdp.pass"
    case benchmark = "xdp.benchmark"
    case benchmarkIdle = "xdp.benchmark_idle"
  }

  /// Brings the program in `section` into the kernel, with its maps by name.
  static func load(_ section: Section, maps: [String: FileDescriptor] = [:]) throws -> Program {
    try Program.load(spec(section), maps: maps, license: license)
  }

  static let license = "Dual MIT/GPL"

  /// The program in `section`, not yet in the kernel.
  static func spec(_ section: Section) throws -> ProgramSpec {
    try ObjectSpec(elf: object).program(section: section.rawValue)
  }

  /// The object's bytes, from two hexadecimal digits each.
  private static var object: [UInt8] {
    programsObject.withUTF8Buffer { digits in
      var bytes: [UInt8] = []
      for index in stride(from: 0, to: digits.count - 1, by: 2) {
        unsafe bytes.append(nibble(digits[index]) << 4 | nibble(digits[index + 1]))
      }
      return bytes
    }
  }

  private static func nibble(_ digit: UInt8) -> UInt8 {
    digit <= UInt8(ascii: "9") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
  }
}
