// SPDX-License-Identifier: MIT
import Glibc
import Health
import TestSupport
import Testing

@testable import HealthChecking

/// With Python's server on the loopback interface.
@Suite(.enabled(if: isInstalled("python3"), "needs python3"))
struct LiveHTTPTests {
  private static let page = "all is well"
  private let files: TemporaryDirectory

  init() throws {
    files = try TemporaryDirectory()
    try files.write(Self.page, to: "healthz")
    try files.write(String(repeating: ".", count: 200_000) + Self.page, to: "long")
  }

  @Test func `a server is asked`() throws {
    let server = try ChildProcess(
      "python3", ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", files.path])
    let port = try server.port(after: "port ")
    defer { server.send(SIGTERM) }
    func ask(_ question: HTTPQuestion) throws -> CheckFailure? {
      try converse(#require(conversation(for: .http(question), host: "127.0.0.1")), port: port)
    }
    #expect(try ask(HTTPQuestion(target: "/healthz")) == nil)
    #expect(try ask(HTTPQuestion(target: "/healthz", body: "well")) == nil)
    #expect(try ask(HTTPQuestion(method: "HEAD", target: "/healthz")) == nil)
    #expect(try ask(HTTPQuestion(target: "/healthz", body: "ill")) == CheckFailure(.body, Self.page))
    #expect(try ask(HTTPQuestion(target: "/long", body: "well"))?.kind == .body)
    let missing = try #require(try ask(HTTPQuestion(target: "/missing", host: "www.example.com")))
    #expect(missing.kind == .status)
    #expect(missing.detail.hasPrefix("HTTP/1.0 404 File not found"))
  }
}
