// SPDX-License-Identifier: MIT

/// A number that links of one network namespace have in common, to be removed or changed together.
public struct LinkGroup: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// That of links for which nobody has chosen another; the kernel never removes it as a whole.
  public static let `default` = Self(rawValue: 0)
}
