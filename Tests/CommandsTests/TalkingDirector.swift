// SPDX-License-Identifier: MIT
import Control
import Director
import FoundationEssentials
import Health
import Linux
import Synchronization
import SystemPackage
import TestSupport

/// What commands that talk to a director find: a socket where they look for it, behind which a test answers.
final class TalkingDirector {
  let stateDirectory: TemporaryDirectory
  let server: ControlServer
  private let log = Log()

  init(_ answer: @escaping @Sendable (ControlRequest) -> ControlResponse) throws {
    stateDirectory = try TemporaryDirectory()
    let runtime = try RuntimeDirectory(below: stateDirectory.path, interface: "eth0")
    try FileManager.default.createDirectory(atPath: runtime.path.string, withIntermediateDirectories: true)
    try TextFile.replace(runtime.path.appending("configuration.yaml"), with: "")
    let log = log
    server = try ControlServer(at: runtime.socket, .init()) { request, _, reply in
      log.add(request)
      reply(answer(request))
    }
  }

  deinit { server.stop() }

  /// Runs `culvert` to its end, with this director as the one that runs.
  func culvert(_ arguments: [String]) throws -> Ending {
    try ChildProcess.culvert(arguments + ["--state-directory", stateDirectory.path]).ending()
  }

  func culvert(_ arguments: String...) throws -> Ending { try culvert(arguments) }

  var asked: [ControlRequest] { log.requests.withLock { $0 } }

  private final class Log: Sendable {
    let requests = Mutex<[ControlRequest]>([])

    func add(_ request: ControlRequest) { requests.withLock { $0.append(request) } }
  }
}
