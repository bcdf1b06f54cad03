// SPDX-License-Identifier: MIT
import KernelEngine

/// The sizes of the programs that are loaded into the kernel.
struct ProgramReport: Encodable {
  let programs: [Row]

  struct Row: Encodable {
    let name: String
    let instructions: Int
    let verified: Int
    let stack: Int?
    let machineCode: Int
  }

  init(_ sizes: [ProgramSize]) {
    programs = sizes.map { size in
      Row(
        name: size.name, instructions: size.instructions, verified: size.verified, stack: size.stack,
        machineCode: size.machineCode)
    }
  }

  var text: String {
    var table = TextTable(
      ("program", .left), ("instructions", .right), ("verified", .right), ("stack", .right), ("machine code", .right))
    for row in programs {
      table.add(
        row.name, "\(row.instructions)", "\(row.verified)", row.stack.map { "\($0)" } ?? "-", "\(row.machineCode)")
    }
    return table.text
  }
}
