// SPDX-License-Identifier: MIT
import Control
import Health
import TestSupport
import Testing

@testable import Commands

@Suite struct `culvert monitor` {
  static let event = ControlEvent(
    time: ServerExamples.now, kind: .state, server: "a1", service: "web", text: "down: check web: timeout")

  /// Publishes until the command has ended: nobody says when it has begun to listen.
  private static func monitor(_ words: String...) throws -> Ending {
    let director = try TalkingDirector { _ in .done }
    let child = try ChildProcess.culvert(["monitor", "--state-directory", director.stateDirectory.path] + words)
    _ = try eventually("the end of culvert monitor", within: .seconds(60)) {
      director.server.publish(event)
      rest()
      return child.exitStatus
    }
    return try child.ending()
  }

  @Test func `prints a line for each event`() throws {
    let line = "2026-09-21T14:13:20Z state a1 in web: down: check web: timeout\n"
    #expect(try Self.monitor("--count", "2") == Ending(status: 0, output: line + line, errors: ""))
  }

  @Test func `prints JSON, an event a line`() throws {
    #expect(
      try Self.monitor("--count", "1", "--json").output == """
        {"kind":"state","server":"a1","service":"web","text":"down: check web: timeout","time":1790000000000}

        """)
  }

  @Test func `ends when time is up`() throws {
    let director = try TalkingDirector { _ in .done }
    #expect(try director.culvert("monitor", "--timeout", "1s") == Ending(status: 0, output: "", errors: ""))
  }

  @Test func `says so when the director ends`() throws {
    let director = try TalkingDirector { _ in .done }
    let child = try ChildProcess.culvert(["monitor", "--state-directory", director.stateDirectory.path])
    _ = try eventually("the first line", within: .seconds(60)) {
      director.server.publish(Self.event)
      rest()
      return child.output.isEmpty ? nil : true
    }
    director.server.stop()
    let ending = try child.ending()
    #expect(ending.status == 1)
    #expect(ending.errors.hasSuffix("/eth0/socket has ended the connection\n"))
  }
}
