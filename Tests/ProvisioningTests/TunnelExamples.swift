// SPDX-License-Identifier: MIT
import Wire

@testable import Netlink
@testable import Provisioning

extension TunnelLink {
  static func example(
    _ kind: Tunnel.Kind, _ local: IPAddress, _ remote: IPAddress, _ change: (inout TunnelLink) -> Void = { _ in }
  ) -> TunnelLink {
    var link = TunnelLink(name: "site-b", kind: kind, local: local, remote: remote)
    change(&link)
    return link
  }
}

extension TunnelSetup {
  /// A tunnel between two addresses of the version that `kind` wants.
  static func example(
    _ kind: Tunnel.Kind, _ change: (inout TunnelSetup) throws -> Void = { _ in }
  ) throws -> TunnelSetup {
    let ends = kind.outer == .v4 ? ("192.0.2.10", "198.51.100.7") : ("2001:db8:1::10", "2001:db8:2::7")
    var setup = TunnelSetup(.example(kind, try ip(ends.0), try ip(ends.1)))
    setup.link.mtu = 1400
    try change(&setup)
    return setup
  }
}

extension Link {
  /// The link that the kernel would show once `setup` is made.
  init(_ setup: TunnelSetup, index: UInt32, alias: String? = "culvert") {
    let link = setup.link
    self.init(
      index: InterfaceIndex(rawValue: index), name: link.name, flags: link.isUp ? .up : [], mtu: link.mtu ?? 0,
      alias: alias, info: .tunnel(link.kind, link.settings().kept(by: link.kind)))
  }
}

extension TunnelHost {
  /// A host on which all of `setups` are made, and beside them an uplink.
  init(_ setups: [TunnelSetup], alias: String? = "culvert", ports: [FOUPort] = []) {
    let indices = setups.indices.map { InterfaceIndex(rawValue: UInt32($0) + 10) }
    self.init(
      links: [Link(index: InterfaceIndex(rawValue: 2), name: "eth0", flags: .up, mtu: 1500)]
        + setups.indices.map { Link(setups[$0], index: indices[$0].rawValue, alias: alias) },
      addresses: zip(indices, setups).flatMap { index, setup in
        setup.addresses.map { InterfaceAddress(interface: index, prefix: $0, flags: .permanent) }
      },
      routes: zip(indices, setups).flatMap { index, setup in setup.routes.map { $0.route(through: index) } },
      ports: ports + Set(setups.compactMap(\.link.receivingPort)).map(\.kernelPort))
  }
}
