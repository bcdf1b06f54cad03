// SPDX-License-Identifier: MIT
import Netlink

/// How packets travel in a tunnel with an outer IPv4 header.
public enum TunnelProtocol: String, Hashable, Sendable, Codable, CaseIterable {
  /// IPv4 in IPv4 (RFC 2003).
  case ipip
  /// IPv4 or IPv6 in GRE in IPv4 (RFC 2784).
  case gre

  /// How many bytes the tunnel puts before a packet; a GRE key (RFC 2890) takes 4.
  public func overhead(hasKey: Bool = false) -> UInt32 {
    switch self {
    case .ipip: 20
    case .gre: hasKey ? 28 : 24
    }
  }

  /// The kernel module that holds the driver.
  var module: String { self == .ipip ? "ipip" : "ip_gre" }

  var linkKind: Tunnel.Kind { self == .ipip ? .ipip : .gre }
}
