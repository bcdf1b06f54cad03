// SPDX-License-Identifier: MIT
import Testing
import Wire

// Addresses in tests are written as text; one that is malformed is a mistake in the test and stops the run.

extension IPAddress: ExpressibleByStringLiteral {
  init(stringLiteral text: String) {
    guard let address = IPAddress(text) else { preconditionFailure("\"\(text)\" is no address") }
    self = address
  }
}

extension IPPrefix: ExpressibleByStringLiteral {
  init(stringLiteral text: String) {
    guard let prefix = IPPrefix(text) else { preconditionFailure("\"\(text)\" is no prefix") }
    self = prefix
  }
}

/// An address from a table of arguments.
func ip(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }
/// A prefix from a table of arguments.
func prefix(_ text: String) throws -> IPPrefix { try #require(IPPrefix(text)) }
