// SPDX-License-Identifier: MIT

/// Time ran out before a condition held.
public struct TimedOut: Error, CustomStringConvertible {
  public let description: String
}

/// Calls `condition` until it gives a value; `condition` itself should block a little, in a poll with a timeout.
public func eventually<Value>(
  _ what: String, within limit: Duration = .seconds(5), _ condition: () throws -> Value?
) throws -> Value {
  let deadline = ContinuousClock.now + limit
  repeat {
    if let value = try condition() { return value }
  } while ContinuousClock.now < deadline
  throw TimedOut(description: "\(what): not within \(limit)")
}
