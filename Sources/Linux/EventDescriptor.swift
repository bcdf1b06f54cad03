// SPDX-License-Identifier: MIT
import CLinux
public import SystemPackage

/// A mark that one thread sets and another one waits for with a ``Poller``, eventfd(2).
public struct EventDescriptor: ~Copyable, Sendable {
  private let descriptor: OwnedDescriptor

  public init() throws(LinuxError) {
    let opened = try attempt("open an event descriptor") { eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK)) }
    descriptor = OwnedDescriptor(owning: FileDescriptor(rawValue: opened))
  }

  /// Readable once the mark is set; on loan.
  public var borrowed: FileDescriptor { descriptor.borrowed }

  /// Sets the mark, until `clear` is called.
  public borrowing func set() {
    // Refused only when the mark has been set 2^64 - 2 times.
    _ = eventfd_write(descriptor.rawValue, 1)
  }

  /// Takes the mark away, if it is set; does not block.
  public borrowing func clear() {
    var count: eventfd_t = 0
    // Refused only when it is not set.
    _ = unsafe eventfd_read(descriptor.rawValue, &count)
  }
}
