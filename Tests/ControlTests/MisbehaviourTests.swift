// SPDX-License-Identifier: MIT
import NIOCore
import TestSupport
import Testing

@testable import Control

/// Whatever one client does, others are answered.
@Suite(.serialized) struct `Clients that misbehave` {
  /// Short times, for a test that waits for their end.
  static var short: Limits {
    var limits = Limits()
    limits.client = .seconds(1)
    limits.director = .seconds(1)
    return limits
  }

  static func othersAreAnswered(_ scene: Scene) -> Bool { (try? scene.client.director()) == Scene.director }

  @Test(arguments: ["", "GET /v1/dir", "PUT /v1/servers/a1/state HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"])
  func `are sent away when they do not come to the point`(_ beginning: String) throws {
    let scene = try Scene(limits: Self.short)
    let client = try Client(scene.path)
    client.send(beginning)
    #expect(Self.othersAreAnswered(scene))
    #expect(Reply(try client.rest()).status == "HTTP/1.1 408 Request Timeout")
  }

  @Test func `gain no time by sending byte after byte`() throws {
    let scene = try Scene(limits: Self.short)
    let client = try Client(scene.path)
    let begun = ContinuousClock.now
    while ContinuousClock.now - begun < .seconds(2) {
      client.send("x")
      rest()
    }
    #expect(try !client.rest(within: .seconds(1)).isEmpty)
  }

  @Test(arguments: [
    ("a body that is announced too long", "PUT /v1/servers/a1/state HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n"),
    (
      "a body that is too long",
      "PUT /v1/servers/a1/state HTTP/1.1\r\nContent-Length: 70000\r\n\r\n" + String(repeating: " ", count: 70_000)
    ),
    (
      "too many chunks",
      "PUT /v1/servers/a1/state HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        + String(repeating: "400\r\n\(String(repeating: " ", count: 1_024))\r\n", count: 65)
    ),
  ])
  func `are told what is too much`(_ what: String, _ request: String) throws {
    let scene = try Scene()
    #expect(try scene.reply(request).status == "HTTP/1.1 413 Payload Too Large")
    #expect(scene.asked.requests == [])
  }

  @Test(arguments: [
    "GET /v1/\(String(repeating: "x", count: 20_000)) HTTP/1.1\r\n\r\n",
    "GET /v1/servers HTTP/1.1\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n",
    "GET /v1/servers HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 65) + "\r\n",
    "\u{16}\u{3}\u{1}\r\n\r\n",
    "hello\r\n\r\n",
    "GET /v1/servers\r\n\r\n",
    "PUT /v1/reload HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "PUT /v1/reload HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
  ])
  func `are told that this is no request`(_ request: String) throws {
    let scene = try Scene()
    #expect(try scene.reply(request).status == "HTTP/1.1 400 Bad Request")
    #expect(scene.asked.requests == [])
    #expect(Self.othersAreAnswered(scene))
  }

  @Test func `do no harm with noise`() throws {
    let seed = SplitMix64.freshSeed()
    print("seed: CULVERT_SEED=\(seed)")
    var random = SplitMix64(seed: seed)
    let scene = try Scene()
    for _ in 0..<200 {
      let client = try Client(scene.path)
      client.send(random.noise())
    }
    _ = try eventually("an answer beside the noise") { Self.othersAreAnswered(scene) ? true : nil }
    #expect(Set(scene.asked.requests).isSubset(of: [.director, .reload, .servers]))
  }

  @Test func `get one answer for one connection`() throws {
    let scene = try Scene()
    let request = "GET /v1/servers HTTP/1.1\r\n\r\n"
    let text = try {
      let client = try Client(scene.path)
      client.send(request + request + request)
      return try client.rest()
    }()
    #expect(text.split(separator: "HTTP/1.1 200 OK").count == 1)
    #expect(scene.asked.requests == [.servers])
  }

  @Test func `are at most 64`() throws {
    let scene = try Scene()
    var clients = try (0..<64).map { _ in try Client(scene.path) }
    #expect(Reply(try Client(scene.path).rest()).status == "HTTP/1.1 503 Service Unavailable")
    #expect(throws: ControlError("64 connections are open already (close some, or try later)")) {
      try scene.client.director()
    }
    clients.removeLast()
    _ = try eventually("a place for another one") { Self.othersAreAnswered(scene) ? true : nil }
  }

  @Test func `may leave before they are answered`() throws {
    let scene = try Scene()
    for _ in 0..<200 { try Client(scene.path).send("GET /v1/servers HTTP/1.1\r\n\r\n") }
    _ = try eventually("an answer for another one") { Self.othersAreAnswered(scene) ? true : nil }
  }

  @Test func `are answered though they have hung up on their side`() throws {
    let scene = try Scene(limits: Self.short) { $0 == .reload ? nil : Scene.answer($0) }
    let client = try Client(scene.path)
    client.send("POST /v1/reload HTTP/1.1\r\n\r\n")
    client.endSending()
    #expect(Reply(try client.rest()).status == "HTTP/1.1 503 Service Unavailable")
  }

  @Test(arguments: ["", "GET /v1/dir", "PUT /v1/servers/a1/state HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"])
  func `are left when they have hung up too early`(_ beginning: String) throws {
    let scene = try Scene()
    let client = try Client(scene.path)
    client.send(beginning)
    client.endSending()
    _ = try client.rest(within: .seconds(10))
    #expect(scene.asked.requests == [])
  }

  @Test func `hear that the director does not answer`() throws {
    let scene = try Scene(limits: Self.short) { $0 == .reload ? nil : Scene.answer($0) }
    let reply = try scene.reply("POST", "/v1/reload")
    #expect(reply.status == "HTTP/1.1 503 Service Unavailable")
    #expect(reply.body.contains("the director does not answer"))
    #expect(Self.othersAreAnswered(scene))
  }
}

extension SplitMix64 {
  /// Bytes, mostly such as requests are made of.
  fileprivate mutating func noise() -> [UInt8] {
    let words = [
      "GET ", "POST ", "/v1/", "servers", "reload", " HTTP/1.1", "\r\n", "\r\n\r\n", "Content-Length: ", "9", "chunked",
      "Transfer-Encoding: ", "{", "\"", "\u{0}",
    ]
    return (0..<below(40)).flatMap { _ in below(4) == 0 ? [UInt8(below(256))] : Array(words[below(words.count)].utf8) }
  }
}
