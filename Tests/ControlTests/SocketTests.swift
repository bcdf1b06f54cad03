// SPDX-License-Identifier: MIT
import FoundationEssentials
import Glibc
import Linux
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Control

@Suite struct `The socket of a director` {
  private static func status(_ path: String) -> stat? {
    var status = stat()
    return lstat(path, &status) == 0 ? status : nil
  }

  @Test(arguments: [0o600, 0o660, 0o666] as [UInt16])
  func `has the mode that is wanted, whatever the umask`(_ mode: UInt16) throws {
    let scene = try Scene(.init(mode: mode))
    #expect(Self.status(scene.path)?.st_mode == S_IFSOCK | mode_t(mode))
  }

  @Test func `is closed to others before it has its mode`() throws {
    let directory = try TemporaryDirectory()
    let socket = try UnixSocket()
    try socket.bind(to: FilePath(directory.path(of: "socket")))
    #expect(Self.status(directory.path(of: "socket"))?.st_mode == S_IFSOCK)
  }

  @Test(.enabled(if: geteuid() == 0, "only root gives files to groups"))
  func `belongs to the group that is wanted`() throws {
    let scene = try Scene(.init(group: "daemon", mode: 0o660))
    #expect(Self.status(scene.path)?.st_gid == getgrnam("daemon").pointee.gr_gid)
  }

  @Test func `needs a group that exists`() {
    #expect {
      try Scene(.init(group: "no-such-group"))
    } throws: {
      "\($0)" == "there is no group no-such-group: make it with groupadd(8), or name another one for the socket"
    }
  }

  @Test func `replaces that of a process that died`() throws {
    let directory = try TemporaryDirectory()
    let path = FilePath(directory.path(of: "socket"))
    try UnixSocket().bind(to: path)
    let server = try ControlServer(at: path, .init()) { request, _, reply in reply(Scene.answer(request)) }
    #expect(try ControlClient(at: path).director() == Scene.director)
    server.stop()
  }

  @Test func `is not taken from one that lives`() throws {
    let scene = try Scene()
    #expect(throws: ControlError("another process listens at \(scene.path)")) {
      try ControlServer(at: FilePath(scene.path), .init()) { _, _, _ in }
    }
    #expect(try scene.client.director() == Scene.director)
  }

  @Test func `does not replace what is no socket`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("precious", to: "socket")
    #expect(throws: ControlError("\(path) is in the way: it is not a socket; move it")) {
      try ControlServer(at: FilePath(path), .init()) { _, _, _ in }
    }
    #expect(directory.read("socket") == Array("precious".utf8))
  }

  @Test func `has a path that is short enough`() {
    let path = FilePath("/tmp/\(String(repeating: "x", count: 110))")
    #expect {
      try ControlServer(at: path, .init()) { _, _, _ in }
    } throws: {
      ($0 as? LinuxError)?.errno == .fileNameTooLong && "\($0)".contains("107 bytes")
    }
  }

  @Test func `goes with the server`() throws {
    let scene = try Scene()
    scene.server.stop()
    scene.server.stop()
    #expect(Self.status(scene.path) == nil)
    scene.server.publish(Scene.event("nobody hears it"))
    #expect(throws: ControlError.self) { try scene.client.director() }
  }

  /// As the director does: it blocks them on its thread, which is another one.
  @Test func `leaves signals to others`() throws {
    let scene = try Scene()
    let blocked = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").filter { task in
      let status = (try? TextFile.read(FilePath("/proc/self/task/\(task)/status"))) ?? ""
      return status.hasPrefix("Name:\tNIO-ELT") && status.contains("SigBlk:\tfffffffe7ffbfeff")
    }
    #expect(!blocked.isEmpty)
    scene.server.stop()
  }

  @Test(.enabled(if: geteuid() == 0, "only root becomes somebody else"), arguments: [0o600, 0o666] as [UInt16])
  func `lets in whom its mode lets in, and says who that is`(_ mode: UInt16) throws {
    let scene = try Scene(.init(mode: mode))
    chmod(scene.directory.path, 0o755)
    let curl = try ChildProcess(
      "setpriv",
      ["--reuid=65534", "--clear-groups", "curl", "--silent", "--unix-socket", scene.path, "http://culvert/v1/servers"])
    let status = try curl.end()
    #expect(status == (mode == 0o666 ? 0 : 7))
    #expect(scene.asked.peers == (mode == 0o666 ? [ControlPeer(user: 65_534)] : []))
  }

  @Test func `does not mind answers that come when it is gone`() throws {
    let late = Mutex<[@Sendable (ControlResponse) -> Void]>([])
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "socket")
    let server = try ControlServer(at: FilePath(path), .init()) { _, _, reply in late.withLock { $0.append(reply) } }
    let client = try Client(path)
    client.send("GET /v1/servers HTTP/1.1\r\n\r\n")
    _ = try eventually("the request") {
      rest()
      return late.withLock { $0.isEmpty ? nil : true }
    }
    server.stop()
    late.withLock { replies in replies.forEach { $0(.servers([])) } }
    #expect(try client.rest() == "")
  }

  @Test func `can be talked to with curl`() throws {
    let scene = try Scene()
    let output = try run("curl", "--silent", "--unix-socket", scene.path, "http://culvert/v1/servers/a1")
    #expect(output.hasPrefix("{\"address\":\"10.1.0.11\""))
  }
}
