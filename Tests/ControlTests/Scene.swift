// SPDX-License-Identifier: MIT
import Control
import Health
import Synchronization
import SystemPackage
import TestSupport

@testable import Control

/// A server in a directory of its own, whose director says what the test wants.
final class Scene {
  let directory: TemporaryDirectory
  let server: ControlServer
  let asked: Asked

  init(
    _ permissions: ControlServer.Permissions = .init(), limits: Limits = Limits(),
    answer: @escaping @Sendable (ControlRequest) -> ControlResponse? = { Scene.answer($0) }
  ) throws {
    directory = try TemporaryDirectory()
    let asked = Asked()
    self.asked = asked
    server = try ControlServer(at: FilePath(directory.path(of: "socket")), permissions, limits: limits) {
      request, peer, reply in
      asked.add(request, peer)
      if let response = answer(request) { reply(response) }
    }
  }

  deinit { server.stop() }

  var path: String { directory.path(of: "socket") }
  var client: ControlClient { ControlClient(at: FilePath(path)) }

  /// Sends a request and gives the answer.
  func reply(_ request: String) throws -> Reply {
    let client = try Client(path)
    client.send(request)
    return Reply(try client.rest())
  }

  func reply(_ method: String, _ path: String, _ body: String = "") throws -> Reply {
    try reply("\(method) \(path) HTTP/1.1\r\nHost: culvert\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  /// What the server passed on.
  final class Asked: Sendable {
    private let log = Mutex<[(ControlRequest, ControlPeer)]>([])

    func add(_ request: ControlRequest, _ peer: ControlPeer) { log.withLock { $0.append((request, peer)) } }
    var requests: [ControlRequest] { log.withLock { $0.map(\.0) } }
    var peers: [ControlPeer] { log.withLock { $0.map(\.1) } }
  }
}

// A director of one server.
extension Scene {
  static let moment = Timestamp(milliseconds: 1_790_000_000_000)

  static let director = DirectorReport(
    version: "0.1.0", interface: "eth0", engine: "kernel", process: 4711, started: moment,
    configurationFile: "/etc/culvert.yaml", services: 1, servers: 1)

  static let a1 = ServerReport(
    name: "a1", address: "10.1.0.11", site: "A",
    override: ServerOverride(state: .drain, by: "root", at: moment, reason: "kernel upgrade"),
    memberships: [
      MembershipReport(
        service: "web", pool: "near", state: .drain, since: moment, by: "root", reason: "kernel upgrade", weight: 1,
        ramp: 100, slots: 0, remainingSlots: 12, rememberedFlows: 3)
    ],
    checks: [
      CheckReport(
        check: "web", address: "203.0.113.80:80", up: true, since: moment, streak: 7, neededSuccesses: 2,
        isDamped: false, roundTripMilliseconds: 0.5, ways: [:], lastFailure: nil, history: [])
    ])

  static let web = ServiceReport(
    name: "web", table: "083024ebe104a5fe", unsettledSlots: 12,
    pools: [PoolReport(name: "near", up: 100, isShort: false, share: 100)], allDown: nil)

  static func event(_ text: String) -> ControlEvent {
    ControlEvent(time: moment, kind: .health, server: "a1", text: text)
  }

  static func answer(_ request: ControlRequest) -> ControlResponse {
    switch request {
    case .director: .director(director)
    case .servers: .servers([a1])
    case .server("a1"): .server(a1)
    case .services: .services([web])
    case .server(let name): .notFound("there is no server \"\(name)\"; did you mean \"a1\"?")
    case .setState("busy", _, _): .refused("busy is the last one up")
    case .setState, .setWeight, .reload: .done
    }
  }
}
