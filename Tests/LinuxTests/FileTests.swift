// SPDX-License-Identifier: MIT
import Glibc
import Linux
import SystemPackage
import Testing

@Suite struct `Locks and mappings` {
  /// A name in the temporary directory that no other test uses.
  private func temporaryPath() -> FilePath {
    FilePath("/tmp/culvert-test-\(getpid())-\(UInt64.random(in: 0 ... .max))")
  }

  @Test func `a second taker of a lock is told who holds it`() throws {
    let path = temporaryPath()
    defer { unlink(path.string) }
    let lock = try FileLock(path: path)
    let error = #expect(throws: LinuxError.self) { _ = try FileLock(path: path) }
    #expect(error?.errno == .wouldBlock)
    #expect(error?.description.hasSuffix("(held by process \(getpid()))") == true)
    _ = consume lock
  }

  @Test func `a lock can be taken again once its owner has gone`() throws {
    let path = temporaryPath()
    defer { unlink(path.string) }
    do { _ = try FileLock(path: path) }
    _ = try FileLock(path: path)
  }

  @Test func `a lock in a directory that is missing says which`() throws {
    let error = #expect(throws: LinuxError.self) { _ = try FileLock(path: "/nonexistent/lock") }
    #expect(error?.description == #"cannot lock "/nonexistent/lock": No such file or directory"#)
  }

  @Test func `anonymous memory is zero and can be written`() throws {
    let memory = try MemoryMapping(anonymous: 8192)
    #expect(memory.buffer.allSatisfy { $0 == 0 })
    memory.buffer[8191] = 7
    #expect(memory.bytes.unsafeLoad(fromByteOffset: 8191, as: UInt8.self) == 7)
  }

  @Test func `a mapped file shows what the file holds`() throws {
    let path = temporaryPath()
    defer { unlink(path.string) }
    let file = try FileDescriptor.open(path, .readWrite, options: .create, permissions: .ownerReadWrite)
    _ = try file.writeAll("culvert".utf8)
    let memory = try MemoryMapping(file, byteCount: 7, access: .readOnly)
    try file.close()
    #expect(String(decoding: memory.buffer, as: UTF8.self) == "culvert")
  }

  @Test func `nothing can be mapped with no bytes`() {
    let error = #expect(throws: LinuxError.self) { _ = try MemoryMapping(anonymous: 0) }
    #expect(error?.description == "cannot map 0 bytes of memory: Invalid argument")
  }
}
