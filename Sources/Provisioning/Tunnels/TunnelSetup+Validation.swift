// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// What the kernel would refuse with fewer words, or take and never carry.
extension TunnelSetup {
  func validate() throws {
    try validateName()
    try validateEnds()
    try validateOuterHeader()
    try validateEncapsulation()
    try validateMTU()
    try innerPrefixes.forEach(validateInner)
    try routes.forEach(validateRoute)
    guard link.isUp || routes.isEmpty else {
      throw ProvisioningError("\(name) is to be down, and routes lead only through links that are up: leave them out")
    }
  }

  private func validateName() throws {
    let isForbidden = name.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") }
    guard 1...15 ~= name.utf8.count, !isForbidden, name != ".", name != ".." else {
      throw ProvisioningError("\"\(name)\" cannot be a link's name: 1 to 15 bytes, without white space, / or :")
    }
  }

  private func validateEnds() throws {
    let (local, remote, kind) = (link.local, link.remote, link.kind)
    guard local.version == remote.version else {
      throw ProvisioningError("both ends of a tunnel have one IP version, which \(local) and \(remote) have not")
    }
    guard local != remote else { throw ProvisioningError("a tunnel needs two ends, and both are \(local)") }
    guard local.version == kind.outer else {
      throw ProvisioningError("the ends are IPv\(local.version.rawValue): use --kind \(kind.counterpart)")
    }
    for end in [local, remote] where end.isUnspecified || end.isMulticast {
      throw ProvisioningError("\(end) is no end of a tunnel: give the address of one host")
    }
  }

  private func validateOuterHeader() throws {
    if !link.discoversPathMTU, link.kind.outer == .v6 {
      throw ProvisioningError("routers never fragment IPv6: leave --no-pmtudisc out")
    }
    if !link.discoversPathMTU, link.ttl != 0, !link.kind.isGRE {
      throw ProvisioningError(
        "\(link.kind) tunnels with a TTL of their own always discover the path's MTU: give --ttl inherit as well")
    }
    if link.encapsulationLimit != nil, link.kind.outer == .v4 {
      throw ProvisioningError("IPv4 has no limit of encapsulation: leave --encaplimit out")
    }
    // The lowest bits are not the sender's to choose (RFC 3168).
    if let tos = link.tos, tos & 3 != 0 {
      throw ProvisioningError("a TOS of \(tos) sets the bits of ECN: give a multiple of 4 from 0 to 252, or inherit")
    }
  }

  private func validateEncapsulation() throws {
    if link.key != nil, !link.kind.isGRE {
      let withKey = link.kind.outer == .v4 ? "gre" : "ip6gre"
      throw ProvisioningError("\(link.kind) has no key: leave --key out, or use --kind \(withKey)")
    }
    guard link.encapsulation != nil else {
      guard link.port == nil else {
        throw ProvisioningError("only tunnels in UDP have a port: leave --port out, or give --encap fou or gue")
      }
      return
    }
    guard let port = link.port, port != 0 else {
      throw ProvisioningError("UDP has no port 0: give 1 to 65535, or leave --port out")
    }
  }
}

extension TunnelSetup {
  /// The smallest MTU of IPv4 (RFC 791) and of IPv6 (RFC 8200).
  static let smallestMTU: (v4: UInt32, v6: UInt32) = (68, 1280)

  private func validateMTU() throws {
    guard let mtu = link.mtu else { return }
    let carriesV6 = innerPrefixes.contains { $0.address.version == .v6 }
    let smallest = carriesV6 ? Self.smallestMTU.v6 : Self.smallestMTU.v4
    let largest = 65_535 - link.overhead
    guard smallest...largest ~= mtu else {
      throw ProvisioningError("an MTU of \(mtu) is not between \(smallest) and \(largest)")
    }
  }

  private func validateInner(_ prefix: IPPrefix) throws {
    let version = prefix.address.version
    switch (link.kind, link.mode, version) {
    case (.ipip, _, .v6): throw ProvisioningError("ipip carries IPv4 alone, and not \(prefix): use --kind sit")
    case (.sit, .ipv6, .v4), (.sit, .ipv4, .v6), (.ip6tnl, .ipv6, .v4), (.ip6tnl, .ipv4, .v6):
      let mode = link.mode.word(for: link.kind) ?? ""
      throw ProvisioningError("\(link.kind) of mode \(mode) does not carry \(prefix): use --mode any")
    default: break
    }
  }

  private func validateRoute(_ route: TunnelRoute) throws {
    let destination = route.destination
    guard destination == destination.masked else {
      throw ProvisioningError("\(destination) has bits behind its length: did you mean \(destination.masked)?")
    }
    if let gateway = route.gateway, gateway.version != destination.address.version {
      throw ProvisioningError("\(gateway) is no router for \(destination): both have to be of one IP version")
    }
    if link.device == nil, destination.contains(link.remote) {
      throw ProvisioningError(
        """
        the route to \(destination) through \(name) would lead its own packets to \(link.remote) into itself: give \
        narrower routes, or --device for the interface to send them through
        """)
    }
  }
}
