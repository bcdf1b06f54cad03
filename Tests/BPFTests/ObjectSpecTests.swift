// SPDX-License-Identifier: MIT
import Testing

@testable import BPF

@Suite struct ObjectSpecTests {
  @Test func `A program comes with its name, its map references and its licence`() throws {
    let object = try ObjectSpec(elf: try Toolchain.object(c: Fixture.counter))
    let program = try object.program(section: "xdp")
    #expect(object.license == "Dual MIT/GPL")
    #expect(object.programs.map(\.name) == ["count"])
    #expect(program.mapNames == ["packets"])
    let reference = try #require(program.references.first)
    #expect(program.references.count == 1)
    #expect(program.instructions[reference.instruction] & 0xff == 0x18)
    #expect(program.instructions.last == 0x95)
  }

  @Test func `Each program section gives a program`() throws {
    let object = try ObjectSpec(
      elf: try Toolchain.object(
        c: """
          SECTION("xdp") int first(void *context) { return 1; }
          SECTION("tc") int second(void *context) { return 2; }
          int unused(int x) { return x + 1; }
          """))
    #expect(object.programs.map(\.section) == ["xdp", "tc"])
    #expect(object.programs.map(\.name) == ["first", "second"])
    #expect(object.license == nil)
    #expect(throws: ELFError.noProgram(section: "lwt", available: ["xdp", "tc"])) {
      try object.program(section: "lwt")
    }
  }

  @Test(arguments: [
    (
      """
      __attribute__((noinline)) static int helper(int x) { __asm__(""); return x * 3; }
      SECTION("xdp") int entry(struct xdp_md *c) { return helper(c->data_meta); }
      """, ELFError.notInlined(program: "entry", symbol: "helper")
    ),
    (
      """
      __attribute__((noinline)) int helper(int x) { __asm__(""); return x * 3; }
      SECTION("xdp") int entry(struct xdp_md *c) { return helper(c->data_meta); }
      """, .notInlined(program: "entry", symbol: "helper")
    ),
    (
      "int elsewhere(void); SECTION(\"xdp\") int entry(struct xdp_md *c) { return elsewhere(); }",
      .notInlined(program: "entry", symbol: "elsewhere")
    ),
    (
      """
      static volatile const int table[] = { 5, 7, 11, 13 };
      SECTION("xdp") int entry(struct xdp_md *c) { return table[c->rx_queue_index & 3]; }
      """, .data(program: "entry", section: ".rodata", symbol: ".rodata")
    ),
    (
      "int counter; SECTION(\"xdp\") int entry(struct xdp_md *c) { return counter++; }",
      .data(program: "entry", section: ".bss", symbol: "counter")
    ),
    (
      """
      SECTION("xdp") int one(struct xdp_md *c) { return 1; }
      SECTION("xdp") int two(struct xdp_md *c) { return 2; }
      """, .entryPoints(section: "xdp", symbols: ["one", "two"])
    ),
  ]) func `What the kernel could not run is named`(source: String, error: ELFError) throws {
    let elf = try Toolchain.object(c: source)
    #expect(throws: error) { try ObjectSpec(elf: elf) }
  }

  @Test func `Swift makes such objects too`() throws {
    let elf = try Toolchain.object(
      swift: """
        import Kernel
        @c @section("xdp") @used func swift_entry(_ context: UnsafePointer<xdp_md>) -> Int32 {
          var key: UInt32 = 0
          guard let count = lookup(packets_map(), &key) else { return 1 }
          count.assumingMemoryBound(to: UInt64.self).pointee &+= 1
          return 2
        }
        """,
      header: "extern char packets;\nINLINE void *packets_map(void) { return &packets; }", entry: "swift_entry")
    let program = try ObjectSpec(elf: elf).program(section: "xdp")
    #expect(program.name == "swift_entry")
    #expect(program.mapNames == ["packets"])
  }
}

@Suite struct RelocationTests {
  private let program = ProgramSpec(
    name: "p", section: "xdp", instructions: [0xb7, 0x0000_0000_0000_0218, 0, 0x0000_0000_0000_0118, 0, 0x95],
    references: [.init(name: "a", instruction: 1), .init(name: "b", instruction: 3)])

  @Test func `A map reference becomes a load of its descriptor`() {
    // Source register 1 is BPF_PSEUDO_MAP_FD; the immediate value is in the upper half.
    let patched = program.relocated { ["a": 7, "b": 0x1234][$0] }
    #expect(patched == [0xb7, 0x0000_0007_0000_1218, 0, 0x0000_1234_0000_1118, 0, 0x95])
  }

  @Test func `A map that is missing is no program`() {
    #expect(program.relocated { $0 == "a" ? 7 : nil } == nil)
    #expect(throws: LoadError.missingMap(program: "p", map: "a")) { _ = try Program.load(program).name }
  }
}
