// SPDX-License-Identifier: MIT
import Control
import Linux
import Synchronization
import TestSupport

/// Publishes the same events over and over while `body` runs: nobody says when somebody has begun to watch.
func publishing(_ events: [ControlEvent], _ server: ControlServer, _ body: () throws -> Void) throws {
  let isOver = Flag()
  let thread = try RunningThread {
    while !isOver.isSet {
      events.forEach(server.publish)
      rest()
    }
  }
  let result = Result { try body() }
  isOver.set()
  thread.join()
  try result.get()
}

private final class Flag: Sendable {
  private let value = Mutex(false)

  var isSet: Bool { value.withLock { $0 } }
  func set() { value.withLock { $0 = true } }
}
