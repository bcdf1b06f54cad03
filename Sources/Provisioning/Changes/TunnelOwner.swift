// SPDX-License-Identifier: MIT

/// Whom a tunnel belongs to. The links' alias tells, so that each part of Culvert changes only its own.
public enum TunnelOwner: String, Hashable, Sendable, Codable, CaseIterable {
  /// `culvert tunnel`.
  case tunnel
  /// `culvert real`.
  case real
  /// Somebody else.
  case other

  /// What the alias of its links says; nothing where it may say anything.
  var mark: String {
    switch self {
    case .tunnel: "culvert"
    case .real: "culvert-real"
    case .other: ""
    }
  }

  /// Whose mark `alias` is.
  init(alias: String?) {
    self = Self.allCases.first { $0.mark == alias } ?? .other
  }
}
