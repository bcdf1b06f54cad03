// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import DataPlane
import Health
import Netlink
import Wire

/// Full-size probes that the routes of this host cannot carry: the kernel alone knows them.
struct FullSizeRoutes {
  let configuration: DirectorConfiguration
  /// The largest IP packet on the way to an address; nil where there is no way.
  let mtu: (IPAddress) -> Int?

  /// By this host's routes; nil where the director does not run here: its interface is missing.
  init?(ofThisHost configuration: DirectorConfiguration) {
    guard let netlink = try? NetlinkConnection(), let links = try? netlink.links(),
      links.contains(where: { $0.name == configuration.interface })
    else { return nil }
    self.init(configuration: configuration) { address in
      guard let route = try? netlink.route(to: address) else { return nil }
      return (route.mtu ?? links.first { $0.index == route.interface }?.mtu).map { Int($0) }
    }
  }

  init(configuration: DirectorConfiguration, mtu: @escaping (IPAddress) -> Int?) {
    self.configuration = configuration
    self.mtu = mtu
  }

  /// A line for each check and server whose probes would not fit.
  var warnings: [String] {
    configuration.checks.flatMap { check -> [String] in
      guard case .bytes(let bytes) = check.fullSize else { return [] }
      return servers(askedBy: check).compactMap { warning(check, bytes, to: $0) }
    }
  }

  /// In the order of the file.
  private func servers(askedBy check: HealthCheck) -> [RealServer] {
    let services = configuration.services.filter { $0.checks.contains(check.name) }
    let names = Set(services.flatMap { $0.members.map(\.server.name) })
    return configuration.servers.filter { names.contains($0.name) }
  }

  private func warning(_ check: HealthCheck, _ bytes: Int, to server: RealServer) -> String? {
    let isInTunnel = check.path != .direct
    let mayBeDivided = isInTunnel && !server.outer.forbidsFragmentation
    guard !mayBeDivided, let mtu = mtu(server.address) else { return nil }
    let overhead = isInTunnel ? server.outer.encapsulation.overhead(outer: server.address.version) : 0
    guard bytes > mtu - overhead else { return nil }
    return """
      the full-size probe of check "\(check.name)" never reaches server "\(server.name)": it has \(bytes) bytes, and the \
      route carries \(mtu)\(overhead > 0 ? ", \(overhead) of them for the tunnel" : ""); write \
      "full-size: \(mtu - overhead)" or less, or auto
      """
  }
}
