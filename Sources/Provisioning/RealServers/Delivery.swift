// SPDX-License-Identifier: MIT

/// How directors send clients' packets to a real server: what the configuration calls `encapsulation`.
public enum Delivery: String, Hashable, Sendable, Codable, CaseIterable {
  case ipip
  case gre
  case gue
  case fou
  /// Without a tunnel: link-layer addresses are all that directors change.
  case l2

  /// The tunnel, if there is one.
  public var tunnel: TunnelProtocol? { TunnelProtocol(rawValue: rawValue) }
}
