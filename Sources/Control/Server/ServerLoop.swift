// SPDX-License-Identifier: MIT
import Glibc
import NIOCore
import Synchronization

/// The event loop of a server, to which nothing is given any more once the server stops.
final class ServerLoop: Sendable {
  private let loop: any EventLoop
  private let isOpen = Mutex(true)

  init(_ loop: any EventLoop) {
    self.loop = loop
  }

  /// Runs `body` on the loop's thread, soon; not at all once the loop is closed.
  func perform(_ body: @escaping @Sendable () -> Void) {
    isOpen.withLock { isOpen in
      if isOpen { loop.execute(body) }
    }
  }

  /// Leaves all signals to other threads: whoever waits for them blocks them on his own, and here they would end the process.
  static func holdSignals() {
    var all = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
  }

  /// - Returns: Whether it was open.
  @discardableResult
  func close() -> Bool {
    isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
  }
}
