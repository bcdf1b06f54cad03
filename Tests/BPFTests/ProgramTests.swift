// SPDX-License-Identifier: MIT
import SystemPackage
import Testing

@testable import BPF

@Suite(.enabled(if: LiveKernel.loadsPrograms, Comment(rawValue: LiveKernel.reason)))
struct ProgramTests {
  private static let packet = [UInt8](repeating: 0x11, count: 60)

  private func program(_ source: String) throws -> ProgramSpec {
    try ObjectSpec(elf: try Toolchain.object(c: source)).program(section: "xdp")
  }

  @Test func `A program counts in the map it was given`() throws {
    let packets = try Map.create(.array("packets", of: UInt64.self, maxEntries: 1))
    let counter = try Program.load(try program(Fixture.counter), maps: ["packets": packets.descriptor])
    var runner = try TestRunner(counter)
    let first = try runner.run(Self.packet.span.bytes)
    _ = try runner.run(Self.packet.span.bytes, repeat: 9)
    #expect(first.returnValue == 2)
    #expect(first.size == 60)
    #expect(try packets.lookup(UInt32(0), as: UInt64.self) == 10)
  }

  @Test func `A test run returns the packet as the program left it`() throws {
    let editor = try Program.load(try program(Fixture.editor))
    var runner = try TestRunner(editor)
    for length in [60, 14, 1000] {
      let packet = [UInt8](repeating: 0x11, count: length)
      let run = try runner.run(packet.span.bytes)
      #expect(run.returnValue == 3)
      let output = runner.output
      let bytes = output.withUnsafeBytes { [UInt8]($0) }
      #expect(bytes == [0xab] + packet.dropFirst())
    }
  }

  @Test func `A packet that is too short or too long is explained`() throws {
    let editor = try Program.load(try program(Fixture.editor))
    var small = try TestRunner(editor, capacity: 20)
    let short = [UInt8](repeating: 0, count: 13)
    #expect(throws: BPFError.self) { try small.run(short.span.bytes) }
    let error = #expect(throws: BPFError.self) { try small.run(Self.packet.span.bytes) }
    #expect(error?.hint == "the packet that came out has more than 20 bytes")
    let size = small.output.byteCount
    #expect(size == 0)
  }

  @Test(.enabled(if: LiveKernel.makesNamespaces, Comment(rawValue: LiveKernel.namespacesReason)))
  func `A test run's packet comes from the device it is said to come from`() throws {
    let spec = try program(Fixture.ingress)
    let (seen, expected) = try withDevicePair { interface in
      let ingress = try Program.load(spec)
      var runner = try TestRunner(ingress, ingressInterface: interface)
      return (try runner.run(Self.packet.span.bytes).returnValue, interface)
    }
    #expect(seen == expected)
  }

  @Test func `A refusal says the verifier's reason`() throws {
    let careless = try program(Fixture.careless)
    let error = #expect(throws: LoadError.self) { _ = try Program.load(careless).name }
    guard case .verifier(let refusal) = error else {
      Issue.record("not refused by the verifier: \(String(describing: error))")
      return
    }
    #expect(refusal.summary.line.hasPrefix("R") && refusal.summary.line.hasSuffix("offset is outside of the packet"))
    #expect(refusal.summary.omitted > 3)
    #expect(refusal.log.contains("processed"))
  }

  @Test func `A program without instructions is refused too`() throws {
    let empty = ProgramSpec(name: "empty", section: "xdp", instructions: [])
    #expect(throws: LoadError.refused(BPFError("loading program empty", .init(rawValue: 7)))) {
      _ = try Program.load(empty).name
    }
  }

  @Test func `The kernel's description tells what the verifier saw`() throws {
    let info = try Program.load(.passing).info()
    #expect(info.name == "passing")
    #expect(info.type == .xdp)
    #expect(info.verifiedInstructions == 2)
    #expect(info.translatedInstructions == 2)
    #expect(info.tag.count == 16)
    #expect(info.id > 0)
  }

  @Test func `A pinned program can be opened, also by its number`() throws {
    try withBPFFileSystem { files in
      let program = try Program.load(.passing)
      try program.pin(at: files.path(of: "passing"))
      let pinned = try Program.openPinned(at: files.path(of: "passing"))
      let id = try program.info().id
      #expect(try pinned.info().id == id)
      #expect(try Program.open(id: id).name == "passing")
    }
  }
}
