// SPDX-License-Identifier: MIT
import Health
import TestSupport
import Testing

@testable import HealthChecking

@Suite struct TLSConversationTests {
  private func ending(
    _ pieces: [[UInt8]], closes: Bool = false, verifies: Bool = false
  ) -> CheckFailure? {
    var conversation = TLSConversation(TLSQuestion(verifies: verifies), host: "www.example.com")
    var step = conversation.begin()
    for piece in pieces where step.ending == nil { step = conversation.receive(piece) }
    if closes { step = conversation.end() }
    if case .failure(let failure)? = step.ending { return failure }
    return nil
  }

  @Test(arguments: [("www.example.com", true), ("192.0.2.1", false), ("2001:db8::1", false)])
  func `a name is indicated, an address is not`(host: String, isIndicated: Bool) {
    var conversation = TLSConversation(TLSQuestion(), host: host)
    let hello = conversation.begin().send
    // A handshake record with a ClientHello (RFC 8446, 5.1 and 4.1.2).
    #expect(hello.first == 22 && hello[5] == 1)
    #expect((hello.firstRange(of: Array(host.utf8)) != nil) == isIndicated)
  }

  @Test(arguments: [
    (HTTPQuestion(host: "www.example.com:8443"), TLSQuestion(), "www.example.com"),
    (HTTPQuestion(host: "www.example.com"), TLSQuestion(serverName: "front.example.net"), "front.example.net"),
    (HTTPQuestion(), TLSQuestion(), "given.example.org"),
    (HTTPQuestion(host: "[2001:db8::1]:443"), TLSQuestion(), ""),
    (HTTPQuestion(host: "2001:db8::1"), TLSQuestion(), ""),
  ])
  func `the name indicated is the question's, the Host header's, the host's`(
    http: HTTPQuestion, tls: TLSQuestion, name: String
  ) throws {
    var talk = try #require(conversation(for: .https(http, tls), host: "given.example.org"))
    let hello = talk.begin().send
    for other in ["www.example.com", "front.example.net", "given.example.org", "2001"] {
      #expect((hello.firstRange(of: Array(other.utf8)) != nil) == (other == name))
    }
  }

  @Test(arguments: [HealthCheck.Question.tcp, .dns(DNSQuestion(name: "a")), .echo, .command(["/bin/true"])])
  func `other questions need no conversation`(question: HealthCheck.Question) {
    #expect(conversation(for: question, host: "192.0.2.1") == nil)
  }

  @Test func `what is not TLS fails with the reason of OpenSSL`() {
    #expect(ending([Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)]) == CheckFailure(.tls, "wrong version number"))
  }

  @Test func `an alert is named`() {
    #expect(ending([hex("15 0303 0002 02 28")]) == CheckFailure(.tls, "sslv3 alert handshake failure"))
  }

  @Test func `a connection that ends in the handshake fails as closed`() {
    #expect(ending([], closes: true) == CheckFailure(.closed, "in the TLS handshake"))
    #expect(ending([hex("16 0303")], closes: true) == CheckFailure(.closed, "in the TLS handshake"))
  }

  @Test func `after the end nothing changes it`() {
    #expect(ending([Array("nonsense".utf8), hex("16 0303")], closes: true)?.kind == .tls)
  }

  @Test func `hostile bytes stop nothing`() {
    let seed = SplitMix64.freshSeed()
    print("TLSConversationTests: seed \(seed)")
    var random = SplitMix64(seed: seed)
    for _ in 0..<500 {
      let length = random.below(400)
      let hello = hex("16 0303 0040 02 00003c 0303") + (0..<length).map { _ in UInt8(random.below(256)) }
      #expect(ending([Array(hello.prefix(random.below(hello.count + 1)))], closes: true) != nil)
    }
  }
}
