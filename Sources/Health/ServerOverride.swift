// SPDX-License-Identifier: MIT

/// What an operator has said about a real server while the director runs: it outlives restarts and reloads.
public struct ServerOverride: Hashable, Sendable, Codable {
  /// nil where the operator said nothing about it.
  public var state: State?
  /// Weights by service; a service that is not here goes by `weight`.
  public var serviceWeights: [String: Int]
  /// In all services; nil for the configuration's.
  public var weight: Int?
  /// Who said it: a user's name, or number where there is none.
  public var by: String
  public var at: Timestamp
  public var reason: String

  /// What is wanted of the server.
  public enum State: String, Hashable, Sendable, Codable, CaseIterable {
    /// No new flows; those it has go on.
    case drain
    /// Nothing: its flows are handed over at once.
    case maintenance
  }

  public init(
    state: State? = nil, weight: Int? = nil, serviceWeights: [String: Int] = [:], by: String, at: Timestamp,
    reason: String
  ) {
    self.state = state
    self.weight = weight
    self.serviceWeights = serviceWeights
    self.by = by
    self.at = at
    self.reason = reason
  }

  /// Whether it says nothing.
  public var isEmpty: Bool { state == nil && weight == nil && serviceWeights.isEmpty }

  /// The weight in `service`; nil for the configuration's.
  public func weight(in service: String) -> Int? { serviceWeights[service] ?? weight }
}
