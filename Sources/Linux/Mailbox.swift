// SPDX-License-Identifier: MIT
import Synchronization
public import SystemPackage

/// Messages from any thread for one that waits with a ``Poller``.
public final class Mailbox<Message: Sendable>: Sendable {
  private let messages = Mutex<[Message]>([])
  private let event: EventDescriptor

  public init() throws(LinuxError) {
    event = try EventDescriptor()
  }

  /// Readable while messages wait; on loan.
  public var borrowed: FileDescriptor { event.borrowed }

  /// Leaves a message. Never blocks for longer than the copying of a list takes.
  public func post(_ message: Message) {
    messages.withLock { $0.append(message) }
    event.set()
  }

  /// All that came since the last call, the oldest first; does not wait.
  public func take() -> [Message] {
    event.clear()
    return messages.withLock { messages in
      defer { messages = [] }
      return messages
    }
  }
}
