// SPDX-License-Identifier: MIT
import Health
import TestSupport
import Testing

@testable import HealthChecking

@Suite struct HTTPConversationTests {
  /// What comes of an answer that comes in these pieces; nil while the conversation goes on.
  private static func ending(
    of question: HTTPQuestion = HTTPQuestion(), _ pieces: [[UInt8]], closes: Bool = false
  ) -> CheckFailure?? {
    var conversation = HTTPConversation(question, host: "192.0.2.1")
    var step = conversation.begin()
    for piece in pieces where step.ending == nil { step = conversation.receive(piece) }
    if step.ending == nil, closes { step = conversation.end() }
    return step.ending.map { ending in
      if case .failure(let failure) = ending { failure } else { nil }
    }
  }

  private static func ending(of question: HTTPQuestion, _ text: String, closes: Bool = false) -> CheckFailure?? {
    ending(of: question, [Array(text.utf8)], closes: closes)
  }

  private static func request(_ question: HTTPQuestion, host: String = "192.0.2.1") -> String {
    var conversation = HTTPConversation(question, host: host)
    return String(decoding: conversation.begin().send, as: UTF8.self)
  }

  @Test(arguments: [
    (
      HTTPQuestion(target: "/healthz?full=1", host: "www.example.com"), "192.0.2.1",
      """
      GET /healthz?full=1 HTTP/1.1
      Host: www.example.com
      User-Agent: culvert/0.1.0
      Accept: */*
      Connection: close


      """
    ),
    (
      HTTPQuestion(
        method: "HEAD", headers: [.init(name: "user-agent", value: "probe"), .init(name: "X-Check", value: "1")]),
      "2001:db8::1",
      """
      HEAD / HTTP/1.1
      Host: [2001:db8::1]
      Accept: */*
      Connection: close
      user-agent: probe
      X-Check: 1


      """
    ),
    (
      HTTPQuestion(method: "POST", target: "/check"), "192.0.2.1",
      """
      POST /check HTTP/1.1
      Host: 192.0.2.1
      User-Agent: culvert/0.1.0
      Accept: */*
      Connection: close
      Content-Length: 0


      """
    ),
  ])
  func `the request is written`(question: HTTPQuestion, host: String, text: String) {
    #expect(
      Self.request(question, host: host)
        == text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n"))
  }

  @Test func `a header that HTTP does not allow is a failure of this host`() {
    var conversation = HTTPConversation(
      HTTPQuestion(headers: [.init(name: "X-Check", value: "a\r\nHost: other")]), host: "192.0.2.1")
    guard case .failure(let failure) = conversation.begin().ending else {
      Issue.record("the request was written")
      return
    }
    #expect(failure.kind == .local)
  }

  private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
  private static let wanted = HTTPQuestion(body: "well")

  @Test(arguments: [
    (HTTPQuestion(), ok), (HTTPQuestion(), "HTTP/1.0 200 OK\r\n\r\n"),
    (HTTPQuestion(), "HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n"),
    (HTTPQuestion(status: [500...599]), "HTTP/1.1 503 Busy\r\n\r\n"),
    (HTTPQuestion(method: "HEAD"), "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"),
    (HTTPQuestion(), "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + ok),
    (HTTPQuestion(method: "HEAD"), "HTTP/1.1 100 Continue\r\n\r\n" + ok),
    (wanted, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nall is well"),
    (wanted, "HTTP/1.1 200 OK\r\n\r\nall is well"),
    (wanted, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nall is\r\n3\r\n we\r\n2\r\nll\r\n"),
    // What comes after what was wanted does not matter.
    (wanted, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwell\r\nnonsense\r\n"),
    (HTTPQuestion(), ok + "helloHTTP/1.1 500 unasked\r\n\r\n"),
  ])
  func `an answer is good as soon as that is known`(question: HTTPQuestion, answer: String) {
    #expect(Self.ending(of: question, answer) == .some(nil))
  }

  @Test(arguments: [
    (HTTPQuestion(), "HTTP/1.1 503 Try Later\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 503 Try Later"),
    (HTTPQuestion(status: [204...204]), ok + "hello", "HTTP/1.1 200 OK: hello"),
    (HTTPQuestion(), "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Gone Fishing\r\n\r\n", "HTTP/1.1 404 Gone Fishing"),
    (HTTPQuestion(), "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "HTTP/1.1 101 Switching Protocols"),
    (HTTPQuestion(), "HTTP/1.1 500\r\n\r\n", "HTTP/1.1 500"),
  ])
  func `another status fails with the line as it came`(question: HTTPQuestion, answer: String, detail: String) {
    #expect(Self.ending(of: question, answer) == CheckFailure(.status, detail))
  }

  @Test(arguments: [
    (wanted, ok + "hello", "hello"), (wanted, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "no body"),
    (wanted, "HTTP/1.1 204 No Content\r\n\r\n", "no body"),
    (HTTPQuestion(method: "HEAD", body: "well"), ok, "no body"),
    (wanted, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\na\0\r\n\r\n0\r\n\r\n", "a\\x00\\r\\n"),
  ])
  func `a body without what is wanted fails with its first bytes`(
    question: HTTPQuestion, answer: String, detail: String
  ) {
    #expect(Self.ending(of: question, answer) == CheckFailure(.body, detail))
  }

  @Test func `a body of unknown length ends with the connection`() {
    let answer = "HTTP/1.1 200 OK\r\n\r\nhello"
    #expect(Self.ending(of: Self.wanted, answer) == .none)
    #expect(Self.ending(of: Self.wanted, answer, closes: true) == CheckFailure(.body, "hello"))
  }

  @Test(arguments: [
    ("", "no answer"), ("HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\\r\\nContent-"),
    (ok + "hel", "HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhel"),
    ("HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 Continue\\r\\n\\r\\n"),
  ])
  func `an answer that is cut off fails as closed`(answer: String, detail: String) {
    #expect(Self.ending(of: Self.wanted, answer, closes: true) == CheckFailure(.closed, detail))
  }

  @Test(arguments: [
    "SSH-2.0-OpenSSH_9.2p1\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "\u{15}\u{3}\u{1}\0\u{2}\u{2}\n",
    "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "<html>not HTTP at all</html>",
  ])
  func `what is not HTTP fails with its first bytes`(answer: String) throws {
    let failure = try #require(Self.ending(of: Self.wanted, answer) ?? nil)
    #expect(failure.kind == .malformed)
    #expect(failure.detail.hasSuffix(excerpt(answer.utf8)), "\(failure.detail)")
  }

  @Test(arguments: [
    Array("X-Filler: \(String(repeating: "x", count: 1000))\r\n".utf8), Array("x".utf8),
    Array("A: b\r\n".utf8),
  ])
  func `a head without end fails`(piece: [UInt8]) {
    let pieces = [Array("HTTP/1.1 200 OK\r\n".utf8)] + Array(repeating: piece, count: 100_000)
    #expect((Self.ending(pieces) ?? nil)?.kind == .malformed)
  }

  @Test func `what is wanted is found across all borders`() {
    let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nall is wewell, I hope".utf8)
    for size in 1...answer.count {
      let pieces = stride(from: 0, to: answer.count, by: size).map { Array(answer[$0..<min($0 + size, answer.count)]) }
      #expect(Self.ending(of: Self.wanted, pieces) == .some(nil))
    }
  }

  @Test(arguments: [(65_532, true), (65_533, false)])
  func `64 KiB of the body count`(before: Int, isFound: Bool) {
    let pieces = ["HTTP/1.1 200 OK\r\n\r\n", String(repeating: ".", count: before), "well"].map { Array($0.utf8) }
    let failure = CheckFailure(.body, String(repeating: ".", count: 100) + "...")
    #expect(Self.ending(of: Self.wanted, pieces) == .some(isFound ? nil : failure))
  }

  @Test func `after the end nothing changes it`() {
    var conversation = HTTPConversation(HTTPQuestion(), host: "192.0.2.1")
    _ = conversation.begin()
    let steps = [
      conversation.receive(Array(Self.ok.utf8)), conversation.receive(Array("nonsense".utf8)), conversation.end(),
      conversation.receive([]), conversation.end(),
    ]
    for step in steps { #expect(throws: Never.self) { try step.ending?.get() } }
    #expect(steps.allSatisfy { $0.ending != nil })
  }

  @Test func `hostile bytes stop nothing`() {
    let seed = SplitMix64.freshSeed()
    print("HTTPConversationTests: seed \(seed)")
    var random = SplitMix64(seed: seed)
    let answer = Array(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n0\r\nA: b\r\n\r\n"
        .utf8)
    for _ in 0..<3000 {
      var bytes = answer
      for _ in 0..<random.below(5) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      let cuts = [0, random.below(bytes.count), random.below(bytes.count), bytes.count].sorted()
      let pieces = zip(cuts, cuts.dropFirst()).map { Array(bytes[$0..<$1]) }
      #expect(Self.ending(of: Self.wanted, pieces, closes: true) != .none)
    }
  }
}
