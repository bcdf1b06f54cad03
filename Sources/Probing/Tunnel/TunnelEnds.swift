// SPDX-License-Identifier: MIT
public import Netlink
public import Wire

/// Who is at the two ends of a link, as its addresses and routes say.
public enum TunnelEnds {
  /// The one host at the other end; nil if nothing says who that is.
  public static func peer(on link: Link, _ netlink: NetlinkConnection) throws(NetlinkError) -> IPAddress? {
    let addresses = try netlink.addresses(on: link.index)
    if let peer = addresses.lazy.compactMap({ $0.peer ?? $0.prefix.otherEnd }).first { return peer }
    let own = Set(addresses.map(\.address))
    let routes = try netlink.routes(table: .main).filter { $0.interface == link.index && $0.type == .unicast }
    return routes.lazy.compactMap { $0.gateway ?? $0.destination.onlyAddress }.first { !own.contains($0) }
  }

  /// The address to ask `target` from: the link's own or, without one, what this host would talk to it from.
  static func source(for target: IPAddress, on link: Link, _ netlink: NetlinkConnection) throws -> IPAddress {
    let own = try netlink.addresses(target.version, on: link.index).map(\.address)
    let source =
      try own.first { $0.isLinkLocal == target.isLinkLocal } ?? netlink.route(to: target).preferredSource
    guard let source else {
      throw ProbeError("\(link.name) has no IPv\(target.version.rawValue) address to ask \(target) from")
    }
    return source
  }
}

extension Link {
  /// The remote address of a tunnel's outer header, if it has one.
  public var outerEnd: IPAddress? {
    switch info {
    case .tunnel(_, let tunnel): tunnel.remote
    case .vxlan(let vxlan): vxlan.remote
    default: nil
    }
  }
}

extension IPPrefix {
  /// The other address of a link with two: /31 and /127 (RFC 3021, RFC 6164), and the middle of /30 and /126.
  var otherEnd: IPAddress? {
    switch address.version.addressWidth - length {
    case 1: address.flipped(by: 1)
    case 2: 1...2 ~= address.mapped.low & 3 ? address.flipped(by: 3) : nil
    default: nil
    }
  }

  /// The address of a prefix that holds just one.
  fileprivate var onlyAddress: IPAddress? { length == address.version.addressWidth ? address : nil }
}

extension IPAddress {
  fileprivate func flipped(by bits: UInt64) -> IPAddress {
    IPAddress(mapped: IPv6Address(high: mapped.high, low: mapped.low ^ bits))
  }

  /// fe80::/10 (RFC 4291, 2.5.6).
  fileprivate var isLinkLocal: Bool { version == .v6 && mapped.high >> 54 == 0x3FA }
}
