// SPDX-License-Identifier: MIT

/// A probe that cannot be made or sent, as a sentence for people.
public struct ProbeError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
