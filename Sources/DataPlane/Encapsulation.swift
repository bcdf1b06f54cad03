// SPDX-License-Identifier: MIT

/// How a client's packet travels to a real server.
public enum Encapsulation: UInt8, Hashable, Sendable, CaseIterable {
  /// An IPv4 header in front of the client's (RFC 2003).
  case ipip = 1
  /// An IPv4 header and a GRE header without options (RFC 2784).
  case gre = 2
}
