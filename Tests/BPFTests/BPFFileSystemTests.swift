// SPDX-License-Identifier: MIT
import SystemPackage
import Testing

@testable import BPF

@Suite(.enabled(if: LiveKernel.loadsPrograms, Comment(rawValue: LiveKernel.reason)))
struct BPFFileSystemTests {
  private static let spec = MapSpec.array("m", of: UInt32.self, maxEntries: 1)

  @Test func `Another file system is refused with what to do`() throws {
    try inTemporaryDirectory { directory throws in
      #expect(try !BPFFileSystem.isMounted(at: directory))
      let error = #expect(throws: BPFError.self) { try BPFFileSystem(at: directory) }
      #expect(error?.hint?.contains("mount -t bpf") == true)
    }
    #expect(throws: BPFError("looking at /nowhere/at/all", .noSuchFileOrDirectory)) {
      try BPFFileSystem(at: "/nowhere/at/all")
    }
  }

  @Test func `Pins appear together, and newer ones take the place of older ones`() throws {
    try withBPFFileSystem { files in
      try files.publish("director") { directory throws(BPFError) in
        try Map.create(Self.spec).pin(at: directory + "/old")
        let visible = try files.names()
        #expect(visible != ["director"])
      }
      #expect(try files.names() == ["director"])
      try files.publish("director") { directory throws(BPFError) in
        try Map.create(Self.spec).pin(at: directory + "/new")
      }
      #expect(try files.names() == ["director"])
      #expect(try Map.openPinned(at: files.path(of: "director/new")).spec.name == "m")
      #expect(throws: BPFError.self) { _ = try Map.openPinned(at: files.path(of: "director/old")).spec }
      try files.remove("director")
      try files.remove("director")
      #expect(try files.names() == [])
    }
  }

  @Test func `What is pinned is opened as what it is alone`() throws {
    try withBPFFileSystem { files in
      try Program.load(.passing).pin(at: files.path(of: "program"))
      let error = #expect(throws: BPFError.self) { _ = try Map.openPinned(at: files.path(of: "program")).spec }
      #expect(error?.hint == "what is pinned there is anon_inode:bpf-prog, not a map")
      #expect(throws: BPFError.self) { _ = try Link.openPinned(at: files.path(of: "program")).descriptor }
      #expect(try Program.openPinned(at: files.path(of: "program")).name == "passing")
    }
  }

  @Test func `Publishing that fails changes nothing`() throws {
    try withBPFFileSystem { files in
      try files.publish("director") { directory throws(BPFError) in
        try Map.create(Self.spec).pin(at: directory + "/old")
      }
      let failure = BPFError("filling", .noSpace)
      #expect(throws: failure) {
        try files.publish("director") { directory throws(BPFError) in
          try Map.create(Self.spec).pin(at: directory + "/new")
          throw failure
        }
      }
      #expect(try files.names() == ["director"])
      #expect(try Map.openPinned(at: files.path(of: "director/old")).spec.name == "m")
    }
  }
}
