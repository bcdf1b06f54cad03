// SPDX-License-Identifier: MIT

/// The checks, in their order. The names are stable, as their numbers are: positions from 1.
enum CheckName: String, Hashable, Sendable, CaseIterable {
  case record
  case interface
  case loopback
  case decapsulator
  case tunnelKind = "tunnel-kind"
  case tunnelUp = "tunnel-up"
  case port
  case allowList = "allow-list"
  case director
  case ipv6
  case endpoint
  case virtualAddress = "virtual-address"
  case duplicateAddress = "duplicate-address"
  case exposedAddress = "exposed-address"
  case arp
  case listening
  case udpSource = "udp-source"
  case rules
  case returnRoute = "return-route"
  case reversePath = "rp-filter"
  case connections = "conntrack"
  case firewall
  case segmentSize = "segment-size"
  case checksums
  case fallback
  case openTunnel = "open-tunnel"
  case answer

  /// From 1.
  var number: Int { (Self.allCases.firstIndex(of: self) ?? 0) + 1 }
}
