// SPDX-License-Identifier: MIT
public import Health

/// Something that happened in a director, as watchers see it. Its JSON is stable: docs/api.md describes it.
public struct ControlEvent: Hashable, Sendable, Codable {
  public var time: Timestamp
  public var kind: Kind
  public var server: String?
  public var service: String?
  /// A sentence for people.
  public var text: String

  /// What it is about.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// A check's verdict on a server.
    case health
    /// What a server does: up, drain, maintenance, down, standby.
    case state
    /// A pool of a service became short, or is no more.
    case pool
    /// Who owns a service's slots.
    case table
    /// The way to a server.
    case neighbour
    /// The MTU of the way to a server.
    case mtu
    /// The configuration was read anew, or refused.
    case configuration
  }

  public init(time: Timestamp, kind: Kind, server: String? = nil, service: String? = nil, text: String) {
    self.time = time
    self.kind = kind
    self.server = server
    self.service = service
    self.text = text
  }
}
