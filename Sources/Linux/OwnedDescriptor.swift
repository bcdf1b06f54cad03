// SPDX-License-Identifier: MIT
public import SystemPackage

/// A file descriptor with one owner, closed when the owner goes.
public struct OwnedDescriptor: ~Copyable, Sendable {
  private let descriptor: FileDescriptor

  /// Takes over `descriptor`: nobody else may close it from now on.
  public init(owning descriptor: FileDescriptor) {
    self.descriptor = descriptor
  }

  deinit {
    try? descriptor.close()
  }

  /// The descriptor on loan: valid while this value lives, and not to be closed.
  public var borrowed: FileDescriptor { descriptor }

  /// The number the kernel knows the descriptor by, on loan as well.
  public var rawValue: CInt { descriptor.rawValue }
}
