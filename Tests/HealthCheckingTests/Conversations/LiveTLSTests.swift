// SPDX-License-Identifier: MIT
import Glibc
import Health
import TestSupport
import Testing

@testable import HealthChecking

/// With OpenSSL's own server on the loopback interface, and a certificate for `www.example.com` and 127.0.0.1 that
/// signs itself.
@Suite(.enabled(if: isInstalled("openssl"), "needs the openssl command"))
struct LiveTLSTests {
  private let files: TemporaryDirectory
  private var certificate: String { files.path(of: "certificate.pem") }

  init() throws {
    files = try TemporaryDirectory()
    try makeCertificate()
  }

  private func makeCertificate(keyLength: Int = 2048) throws {
    let program = try ChildProcess(
      "openssl",
      [
        "req", "-x509", "-newkey", "rsa:\(keyLength)", "-nodes", "-days", "2", "-subj", "/CN=www.example.com",
        "-addext",
        "subjectAltName=DNS:www.example.com,IP:127.0.0.1", "-keyout", files.path(of: "key.pem"), "-out", certificate,
      ])
    let ending = try program.ending()
    guard ending.status == 0 else { throw CommandFailure(description: "no certificate: \(ending.errors)") }
  }

  /// A server that answers a GET with a page about the session.
  private func serve(_ options: String...) throws -> (server: ChildProcess, port: UInt16) {
    let server = try ChildProcess(
      "openssl",
      ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", files.path(of: "key.pem"), "-www"] + options)
    return (server, try server.port(after: "ACCEPT 127.0.0.1:"))
  }

  private func talk(
    _ question: TLSQuestion, inside http: HTTPQuestion? = nil, trusts: Bool = true, host: String = "127.0.0.1",
    port: UInt16
  ) throws -> CheckFailure? {
    let context = try TLSContext(verifies: question.verifies, trust: trusts ? certificate : nil)
    let inner = http.map { HTTPConversation($0, host: host) }
    return try converse(TLSConversation(question, host: host, inside: inner, context: context), port: port)
  }

  @Test(arguments: ["-tls1_2", "-tls1_3"])
  func `a handshake succeeds`(version: String) throws {
    let (server, port) = try serve(version)
    defer { server.send(SIGTERM) }
    #expect(try talk(TLSQuestion(), port: port) == nil)
    #expect(try talk(TLSQuestion(serverName: "www.example.com", verifies: true), port: port) == nil)
    #expect(try talk(TLSQuestion(verifies: true), port: port) == nil)
    #expect(try talk(TLSQuestion(serverName: "any.example.net"), port: port) == nil)
  }

  @Test(arguments: ["-tls1_2", "-tls1_3"])
  func `a certificate that is not trusted, or for another name, fails if it is verified`(version: String) throws {
    let (server, port) = try serve(version)
    defer { server.send(SIGTERM) }
    let question = TLSQuestion(serverName: "www.example.com", verifies: true)
    #expect(
      try talk(question, trusts: false, port: port)
        == CheckFailure(.tls, "certificate verify failed: self-signed certificate"))
    #expect(
      try talk(TLSQuestion(serverName: "www.example.net", verifies: true), port: port)
        == CheckFailure(.tls, "certificate verify failed: hostname mismatch"))
    #expect(
      try talk(TLSQuestion(verifies: true), host: "127.0.0.2", port: port)
        == CheckFailure(.tls, "certificate verify failed: IP address mismatch"))
  }

  @Test(arguments: ["-tls1_2", "-tls1_3"])
  func `HTTP is spoken inside`(version: String) throws {
    let (server, port) = try serve(version)
    defer { server.send(SIGTERM) }
    let page = HTTPQuestion(status: [200...200], body: "Ciphers common between both SSL end points")
    #expect(try talk(TLSQuestion(), inside: page, port: port) == nil)
    let other = try #require(try talk(TLSQuestion(), inside: HTTPQuestion(body: "a nuthatch"), port: port))
    #expect(other.kind == .body)
    #expect(other.detail.hasPrefix("<HTML><BODY"))
  }

  @Test func `a key that OpenSSL thinks too short is good enough where nobody verifies`() throws {
    try makeCertificate(keyLength: 1024)
    let (server, port) = try serve("-cipher", "DEFAULT:@SECLEVEL=0")
    defer { server.send(SIGTERM) }
    #expect(try talk(TLSQuestion(), port: port) == nil)
    #expect(try talk(TLSQuestion(verifies: true), port: port)?.kind == .tls)
  }

  @Test func `versions before 1.2 are refused`() throws {
    let (server, port) = try serve("-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0")
    defer { server.send(SIGTERM) }
    #expect(try talk(TLSQuestion(), port: port)?.kind == .tls)
  }

  @Test(arguments: ["-tls1_2", "-tls1_3"])
  func `an answer broken at any place is a failure and nothing else`(version: String) throws {
    let seed = SplitMix64.freshSeed()
    print("LiveTLSTests: seed \(seed)")
    var random = SplitMix64(seed: seed)
    let (server, port) = try serve(version)
    let recorder = Recorder()
    defer { server.send(SIGTERM) }
    _ = try converse(Recording(recorder: recorder), port: port)
    for _ in 0..<300 {
      var bytes = recorder.heard
      for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      var conversation = TLSConversation(TLSQuestion(), host: "www.example.com")
      _ = conversation.begin()
      _ = conversation.receive(bytes)
      let step = conversation.end()
      #expect(throws: CheckFailure.self) { try step.ending?.get() }
    }
  }
}

private final class Recorder {
  var heard: [UInt8] = []
}

/// A handshake whose answers are kept.
private struct Recording: StreamConversation {
  private var inner = TLSConversation(TLSQuestion(), host: "www.example.com")
  let recorder: Recorder

  init(recorder: Recorder) {
    self.recorder = recorder
  }

  mutating func begin() -> ConversationStep { inner.begin() }

  mutating func receive(_ bytes: [UInt8]) -> ConversationStep {
    recorder.heard += bytes
    return inner.receive(bytes)
  }

  mutating func end() -> ConversationStep { inner.end() }
}
