// SPDX-License-Identifier: MIT

/// Why a director could not be talked to, or would not do what it was asked, in a sentence for people.
public struct ControlError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
