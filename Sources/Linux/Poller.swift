// SPDX-License-Identifier: MIT
import Glibc
public import SystemPackage

/// Waits until one of a few descriptors can be read, poll(2).
public struct Poller: Sendable {
  private let descriptors: [FileDescriptor]

  /// Watches `descriptors`, which stay the caller's and must outlive the poller.
  public init(_ descriptors: [FileDescriptor]) {
    self.descriptors = descriptors
  }

  /// The descriptors that can be read, or have failed or been hung up, in the order given to `init`.
  ///
  /// It waits for the first one at most `timeout`, rounded up to milliseconds, and gives nothing when that has passed;
  /// `nil` waits for ever. A signal that interrupts does not prolong it.
  public func wait(timeout: Duration?) throws(LinuxError) -> [FileDescriptor] {
    let deadline = timeout.map { ContinuousClock.now + $0 }
    var entries = descriptors.map { pollfd(fd: $0.rawValue, events: Int16(POLLIN), revents: 0) }
    while true {
      let remaining = deadline.map { max(.zero, $0 - ContinuousClock.now) }
      let ready = unsafe poll(&entries, nfds_t(entries.count), remaining?.milliseconds ?? -1)
      if ready >= 0 { break }
      guard Errno.current == .interrupted else { throw LinuxError(operation: "wait for events", errno: .current) }
    }
    return zip(descriptors, entries).filter { $0.1.revents != 0 }.map(\.0)
  }
}

extension Duration {
  /// Rounded up, so that a short wait is not a busy loop; at most 24 days, which is all that poll(2) can take.
  fileprivate var milliseconds: CInt {
    let (seconds, attoseconds) = components
    guard seconds < Int64(CInt.max) / 1000 else { return .max }
    return CInt(seconds) * 1000 + CInt((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}
