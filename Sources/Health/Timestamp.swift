// SPDX-License-Identifier: MIT

/// A moment by the wall clock, as people and files know it.
public struct Timestamp: Hashable, Sendable, Comparable, Codable {
  /// Milliseconds since 1970-01-01 00:00 UTC.
  public var milliseconds: Int64

  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

  /// The time from `earlier` to here.
  public func since(_ earlier: Timestamp) -> Duration { .milliseconds(milliseconds - earlier.milliseconds) }

  /// Codes as the bare number.
  public init(from decoder: any Decoder) throws {
    milliseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(milliseconds)
  }
}
