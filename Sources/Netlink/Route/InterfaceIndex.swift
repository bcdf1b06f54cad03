// SPDX-License-Identifier: MIT

/// The kernel's number for a link within its network namespace. Never 0, and not used again soon.
public struct InterfaceIndex: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  public var description: String { String(rawValue) }

  /// The number in a message, where 0 stands for none.
  init?(message number: some BinaryInteger) {
    guard number > 0 else { return nil }
    rawValue = UInt32(truncatingIfNeeded: number)
  }
}
