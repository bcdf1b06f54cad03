// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@testable import Control

@Suite struct `Watching a director` {
  static let request = "GET /v1/events HTTP/1.1\r\n\r\n"

  /// A client that is known to be told.
  private static func watcher(_ scene: Scene) throws -> Client {
    let client = try Client(scene.path)
    client.send(request)
    _ = try client.text(until: "\r\n\r\n")
    return client
  }

  @Test func `begins with the headers, before anything happens`() throws {
    let scene = try Scene()
    let client = try Client(scene.path)
    client.send(Self.request)
    let reply = Reply(try client.text(until: "\r\n\r\n"))
    #expect(reply.status == "HTTP/1.1 200 OK")
    #expect(reply.headers.contains("transfer-encoding: chunked"))
    #expect(reply.headers.contains("Content-Type: application/x-ndjson"))
  }

  @Test func `gives a line for each event, to everybody`() throws {
    let scene = try Scene()
    let clients = try (0..<3).map { _ in try Self.watcher(scene) }
    scene.server.publish(Scene.event("a1 is down"))
    for client in clients {
      let line = #"{"kind":"health","server":"a1","text":"a1 is down","time":1790000000000}"# + "\n"
      #expect(try client.text(until: "\n\r\n") == "\(String(line.utf8.count, radix: 16))\r\n\(line)\r\n")
    }
  }

  @Test func `drops who never reads, and no other`() throws {
    let scene = try Scene()
    let idle = try Self.watcher(scene)
    let reader = try Self.watcher(scene)
    let event = Scene.event(String(repeating: "x", count: 10_000))
    for _ in 0..<100 {
      scene.server.publish(event)
      _ = try reader.text(until: "\n\r\n")
    }
    let taken = try idle.rest().utf8.count
    #expect(taken < 1_000_000)
    scene.server.publish(Scene.event("last"))
    #expect(try reader.text(until: "\n\r\n").contains("last"))
  }

  @Test func `ends with the server`() throws {
    let scene = try Scene()
    let client = try Self.watcher(scene)
    scene.server.stop()
    #expect(try client.rest() == "")
  }

  @Test func `makes room when the watcher leaves`() throws {
    let scene = try Scene()
    for _ in 0..<200 { _ = try Self.watcher(scene) }
    scene.server.publish(Scene.event("nobody hears it"))
    _ = try eventually("an answer") { (try? scene.client.director()) != nil ? true : nil }
  }

  @Test func `is a loop for a client of ours`() throws {
    let scene = try Scene()
    var heard: [ControlEvent] = []
    try publishing([Scene.event("one"), Scene.event("two")], scene.server) {
      try scene.client.watch { event in
        heard.append(event)
        return Set(heard).count < 2
      }
    }
    #expect(Set(heard) == [Scene.event("one"), Scene.event("two")])
  }

  @Test func `stops in time where nothing happens`() throws {
    let scene = try Scene()
    let begun = ContinuousClock.now
    try scene.client.watch(until: begun + .milliseconds(200)) { _ in true }
    #expect(.milliseconds(200)...(.seconds(10)) ~= ContinuousClock.now - begun)
  }
}
