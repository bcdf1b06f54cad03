// SPDX-License-Identifier: MIT
import DataPlane
import Netlink
import Wire

// A tunnel's headers take room that clients do not know of. What they send is limited by the MSS in the SYN-ACK, and that
// comes from the route to the client.
extension RealServerArrangement {
  /// The largest packets that the Internet carries, in bytes: where these fit, nothing has to be done.
  private static let fullSize: UInt32 = 1500

  /// The routes for answers, of each IP version that has virtual addresses and needs them.
  func returnRoutes(_ netlink: NetlinkConnection) throws -> [ReturnRoutes] {
    guard let room = try innerMTU(netlink), room < Self.fullSize else { return [] }
    let versions = Set(request.virtualAddresses.map(\.address.version))
    return try [IPVersion.v4, .v6].filter(versions.contains).map { version in
      let limit = room - version.headers
      return ReturnRoutes(
        version: version, maximumSegment: limit, routes: try copies(of: version, limit: limit, netlink))
    }
  }

  /// The largest packet inside a tunnel that comes from every director, in bytes; nil without a tunnel.
  private func innerMTU(_ netlink: NetlinkConnection) throws -> UInt32? {
    guard request.encapsulation != .l2 else { return nil }
    return try Self.ways(endpoints, request.directors).map { local, remote in
      let path = try request.mtu ?? pathMTU(from: remote, netlink)
      let overhead = UInt32(request.headers.overhead(outer: remote.version))
      return max(path, overhead + Self.smallest) - overhead
    }.min()
  }

  /// The smallest packet inside that leaves room for data, in bytes: the smallest MTU of IPv4 is 68.
  private static let smallest: UInt32 = 68

  /// As the way back has it: there is no telling what lies between, where the two differ.
  private func pathMTU(from director: IPAddress, _ netlink: NetlinkConnection) throws -> UInt32 {
    let interface = try netlink.requireLink(request.interface)
    guard let route = try? netlink.route(to: director) else { return interface.mtu }
    return try route.mtu ?? netlink.link(route.interface)?.mtu ?? interface.mtu
  }

  /// The main table's routes of `version` with an MSS of at most `limit`, but for those through the loopback link or a
  /// tunnel: no client is answered there. Those that are alike up to their links, as link-local ones are, are left to the
  /// main table.
  private func copies(of version: IPVersion, limit: UInt32, _ netlink: NetlinkConnection) throws -> [ReturnRoute] {
    let links = try netlink.links()
    let names = Dictionary(uniqueKeysWithValues: links.map { ($0.index, $0.name) })
    let mtus = Dictionary(uniqueKeysWithValues: links.map { ($0.name, $0.mtu) })
    let unused = Set(links.filter { $0.flags.contains(.loopback) }.map(\.name) + tunnelNames)
    let routes = try netlink.routes(version, table: .main).map { route in
      var copy = ReturnRoute(route, links: names)
      guard let mtu = copy.mtu ?? copy.hops.compactMap({ mtus[$0.link] }).min() else { return copy }
      copy.advertisedMSS = min(copy.advertisedMSS ?? max(mtu, version.headers) - version.headers, limit)
      return copy
    }.filter { $0.hops.isEmpty || !$0.hops.allSatisfy { unused.contains($0.link) } }
    return Dictionary(grouping: routes, by: \.key).map { key, group in
      group.count == 1 ? group[0] : ReturnRoute(destination: key.destination, priority: key.priority)
    }.sorted { ($0.destination.length, $0.words) < ($1.destination.length, $1.words) }
  }
}

extension RealServerRequest {
  /// What directors put in front of packets.
  fileprivate var headers: Encapsulation {
    switch encapsulation {
    case .ipip: .ipip
    case .gre: key == nil ? .gre : .greKey
    case .gue: .gue
    case .fou: .fou
    case .l2: .l2
    }
  }
}

extension IPVersion {
  /// What stands before the data of a segment without options, in bytes.
  fileprivate var headers: UInt32 { self == .v4 ? 40 : 60 }
}
