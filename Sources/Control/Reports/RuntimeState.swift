// SPDX-License-Identifier: MIT
public import Health

/// What a director knows besides its tables, as it last wrote it down: read by the next one, and where none runs.
public struct RuntimeState: Hashable, Sendable, Codable {
  /// Of this file's form.
  public var version: Int
  public var written: Timestamp
  /// What operators said, by server.
  public var overrides: [String: ServerOverride]
  public var servers: [ServerReport]
  public var services: [ServiceReport]

  public init(
    written: Timestamp, overrides: [String: ServerOverride], servers: [ServerReport], services: [ServiceReport]
  ) {
    version = Self.currentVersion
    self.written = written
    self.overrides = overrides
    self.servers = servers
    self.services = services
  }

  /// A file of another version is not read.
  public static let currentVersion = 1
}
