// SPDX-License-Identifier: MIT
import Netlink
import SystemPackage
import Wire

/// A UDP port whose datagrams the kernel takes for GUE, of both variants, and hands to tunnel devices.
///
/// Foo over UDP arrives there too: a port for that alone would take packets of one IP version only.
struct TunnelPort: Hashable, Sendable, Codable {
  /// The version of the outer header.
  var outer: IPVersion
  var port: UInt16

  private var wanted: FOUPort { FOUPort(version: outer, port: port, content: .gue) }

  /// Whether any tunnel of this namespace sends to the port at its other end, and so expects answers at this one.
  private func isUsed(_ netlink: NetlinkConnection) throws -> Bool {
    try netlink.links().contains { link in
      guard case .tunnel(let kind, let tunnel) = link.info else { return false }
      return kind.outer == outer && tunnel.udp?.destinationPort == port
    }
  }

  private func words(_ verb: String) -> String { "ip fou \(verb) port \(port)" }
  private var family: String { outer == .v6 ? " -6" : "" }
}

extension TunnelPort: Step {
  var commands: [String] { ["\(words("add")) gue\(family)"] }

  func isMade(on netlink: NetlinkConnection) throws -> Bool {
    let ports = try FOUConnection()?.ports() ?? []
    guard let found = ports.first(where: { $0.version == outer && $0.port == port }) else { return false }
    guard found == wanted else {
      throw ProvisioningError(
        "UDP port \(port) is open for Foo over UDP of one protocol: '\(words("del"))\(family)', or choose another port")
    }
    return true
  }

  func remembering(on netlink: NetlinkConnection) -> Change { .port(self) }

  func make(on netlink: NetlinkConnection, _ report: Report) throws {
    guard let connection = try FOUConnection() else { throw MissingDriver(driver: "fou", module: "fou") }
    do throws(NetlinkError) {
      try connection.addPort(wanted)
    } catch {
      guard error.errno == .addressInUse else { throw error }
      throw ProvisioningError("UDP port \(port) is taken by a program: choose another port, here and at the other end")
    }
  }

  /// Closes the port, unless another tunnel needs it.
  func revert(on netlink: NetlinkConnection, _ report: Report) throws {
    guard let connection = try FOUConnection(), try connection.ports().contains(wanted) else { return }
    guard try !isUsed(netlink) else { return report("# UDP port \(port) stays open for another tunnel") }
    report("\(words("del"))\(family)")
    try connection.deletePort(wanted)
  }
}
