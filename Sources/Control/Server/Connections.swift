// SPDX-License-Identifier: MIT
import NIOCore

/// All connections of a server. It belongs to the thread of the server's event loop.
final class Connections {
  private let limit: Int
  private var open: Set<ObjectIdentifier> = []
  private var watchers: [ObjectIdentifier: ControlConnection] = [:]

  init(_ limits: Limits) {
    limit = limits.connections
  }

  /// Counts a connection in; false if there are too many.
  func enter(_ connection: ControlConnection) -> Bool {
    guard open.count < limit else { return false }
    open.insert(ObjectIdentifier(connection))
    return true
  }

  /// It wants to be told of events from now on.
  func watch(_ connection: ControlConnection) {
    watchers[ObjectIdentifier(connection)] = connection
  }

  func leave(_ connection: ControlConnection) {
    open.remove(ObjectIdentifier(connection))
    watchers[ObjectIdentifier(connection)] = nil
  }

  func publish(_ event: ControlEvent) {
    guard !watchers.isEmpty, let line = try? JSON.line(event) else { return }
    for watcher in watchers.values { watcher.tell(line) }
  }
}
