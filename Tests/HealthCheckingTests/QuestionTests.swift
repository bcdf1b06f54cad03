// SPDX-License-Identifier: MIT
import DataPlane
import Health
import HealthChecking
import Linux
import TestSupport
import Testing
import Wire

/// Other questions than TCP's, of a real server in a namespace of its own.
@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct QuestionTests {
  @Test(arguments: Scene.versions)
  func `an echo is asked for`(_ version: IPVersion) throws {
    try Scene.run(.gre, outer: .v6) { scene in
      let target = scene.target(check(.echo, path: .both, fullSize: .automatic), version, port: 0)
      let health = try scene.health(of: target)
      #expect(health.isUp == true, "\(health.failure)")
    }
  }

  @Test(arguments: Scene.versions)
  func `a page is asked for`(_ version: IPVersion) throws {
    try Scene.run(.ipip) { scene in
      let files = try TemporaryDirectory()
      try files.write(String(repeating: "all is well\n", count: 500), to: "healthz")
      let server = try scene.server.run {
        try ChildProcess(
          "python3",
          ["-u", "-m", "http.server", "80", "--bind", "\(Scene.virtualAddress(version))", "--directory", files.path])
      }
      defer { withExtendedLifetime(server) {} }
      let well = HTTPQuestion(target: "/healthz", body: "well")
      let health = try scene.health(
        of: scene.target(check(.http(well), fullSize: .automatic, timeout: .seconds(2)), version),
        within: .seconds(20)
      ) { $0.isUp == true }
      #expect(health.isUp == true)
      let ill = try scene.health(
        of: scene.target(check(.http(HTTPQuestion(target: "/none")), timeout: .seconds(2)), version))
      #expect(ill.failure.hasPrefix("status: HTTP/1.0 404"))
    }
  }

  /// Answers queries for addresses with 192.0.2.1, from a socket that is bound to its first argument.
  private static let nameServer = """
    import socket, sys
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((sys.argv[1], 53))
    print("ready", flush=True)
    while True:
      query, client = server.recvfrom(2000)
      end = query.index(b"\\0", 12) + 5
      answer = b"\\xc0\\x0c" + query[end - 4:end] + b"\\0\\0\\0\\x3c\\0\\4\\xc0\\0\\2\\1"
      server.sendto(query[:2] + b"\\x81\\x80\\0\\1\\0\\1\\0\\0\\0\\0" + query[12:end] + answer, client)
    """

  private func withNameServer(at address: String, _ body: (borrowing Scene) throws -> Void) throws {
    try Scene.run(.gue) { scene in
      let server = try scene.server.run { try ChildProcess("python3", ["-c", Self.nameServer, address]) }
      _ = try eventually("the name server's start", within: .seconds(20)) {
        rest()
        return server.output.contains("ready") ? true : nil
      }
      try body(scene)
    }
  }

  @Test func `a name is asked for`() throws {
    try withNameServer(at: "203.0.113.80") { scene in
      for (answer, isUp) in [("192.0.2.1", true), ("192.0.2.2", false)] {
        let question = DNSQuestion(name: "example.com", answer: answer)
        let health = try scene.health(
          of: scene.target(check(.dns(question), fullSize: .automatic), port: 53, .udp))
        #expect(health.isUp == isUp, "\(health.failure)")
      }
    }
  }

  @Test func `a name server that answers from its own address is told`() throws {
    try withNameServer(at: "0.0.0.0") { scene in
      let health = try scene.health(
        of: scene.target(check(.dns(DNSQuestion(name: "example.com"))), port: 53, .udp))
      #expect(health.failure == "wrong-address: 203.0.113.80:53 was asked, and 10.0.0.2:53 answered")
    }
  }

  @Test(arguments: [
    (["true"], "none"), (["sh", "-c", "echo it is ill; exit 3"], "command: exit status 3: it is ill"),
    (["sh", "-c", "kill -9 $$"], "command: ended by signal 9"),
    (["sh", "-c", "sleep 100 & wait"], "timeout: the program did not end within 400 ms"),
    (["/nowhere/check"], "command: cannot run /nowhere/check: No such file or directory"),
    (
      ["sh", "-c", "echo $CULVERT_SERVER $CULVERT_ADDRESS $CULVERT_VIP $CULVERT_PORT; exit 1"],
      "command: exit status 1: a1 10.0.0.2 203.0.113.80 80"
    ),
  ])
  func `a program is asked`(_ words: [String], comes to: String) throws {
    try Scene.run { scene in
      let health = try scene.health(of: scene.target(check(.command(words))))
      #expect(health.failure == to)
      #expect(health.isUp == (to == "none"))
    }
  }
}
