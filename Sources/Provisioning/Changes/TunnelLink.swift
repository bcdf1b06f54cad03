// SPDX-License-Identifier: MIT
import Netlink
import SystemPackage
import Wire

/// A tunnel device of the kernel with both ends given, up and marked as Culvert's.
struct TunnelLink: Hashable, Sendable, Codable {
  /// What the alias of a link says that Culvert made.
  static let mark = "culvert"
  /// What `tos` is to copy the inner header's.
  static let inheritedTOS: UInt8 = 1

  var name: String
  var tunnelProtocol: TunnelProtocol
  /// What it carries; GRE and all tunnels over IPv6 carry both versions of IP in any case.
  var payload = Tunnel.Payload.ipv4
  /// The outer source address, and the only outer destination that it receives.
  var local: IPAddress
  /// The outer destination address, and the only outer source that it receives from.
  var remote: IPAddress
  /// GRE only.
  var key: UInt32?
  /// The UDP port at both ends; GUE and FOU only.
  var port: UInt16?
  /// 0 copies the inner header's.
  var ttl: UInt8 = 64
  var tos: UInt8 = Self.inheritedTOS
  /// The link that outer packets leave through; nil leaves it to the route.
  var device: String?
  /// In bytes; nil leaves it to the driver.
  var mtu: UInt32?

  /// The device that does it.
  var kind: Tunnel.Kind { tunnelProtocol.device(outer: local.version, carrying: payload) }

  /// The device's settings, but for the link below.
  private var settings: Tunnel {
    Tunnel(
      local: local, remote: remote, ttl: ttl, tos: tos, payload: kind == .sit ? payload : .any, inputKey: key,
      outputKey: key, udp: port.flatMap { tunnelProtocol.udp(outer: local.version, port: $0) })
  }

  /// Whether `link` is this tunnel, whatever it is called.
  func describes(_ link: Link) -> Bool {
    guard case .tunnel(kind, let found) = link.info else { return false }
    let wanted = settings
    return found.local == local && found.remote == remote && found.inputKey == key && found.payload == wanted.payload
      && found.udp?.format == wanted.udp?.format && found.udp?.destinationPort == wanted.udp?.destinationPort
  }
}

extension TunnelLink: Step {
  var commands: [String] {
    var words = ["ip link add name \(name)"]
    if let mtu { words.append("mtu \(mtu)") }
    words.append("type \(kind)\(mode) local \(local) remote \(remote)")
    if let key { words.append("key \(key)") }
    words.append("ttl \(ttl == 0 ? "inherit" : String(ttl))")
    words.append("tos \(tos == Self.inheritedTOS ? "inherit" : "0x\(String(tos, radix: 16))")")
    if kind.outer == .v6 { words.append("encaplimit none") }
    if let device { words.append("dev \(device)") }
    if let port { words.append("encap \(tunnelProtocol.rawValue) encap-sport auto encap-dport \(port)") }
    return [words.joined(separator: " "), "ip link set dev \(name) up alias \(Self.mark)"]
  }

  private var mode: String {
    switch kind {
    case .sit: payload == .ipv6 ? " mode ip6ip" : " mode any"
    case .ip6tnl: " mode any"
    default: ""
    }
  }

  func isMade(on netlink: NetlinkConnection) throws -> Bool {
    guard let link = try netlink.link(named: name) else { return false }
    guard describes(link) else {
      throw ProvisioningError("there is a link \(name) already, and it is another one: give a name that is free")
    }
    return true
  }

  func remembering(on netlink: NetlinkConnection) -> Change { .tunnel(self) }

  func make(on netlink: NetlinkConnection, _ report: Report) throws {
    var tunnel = settings
    tunnel.underlying = try device.map { try netlink.requireLink($0).index }
    do throws(NetlinkError) {
      try netlink.createLink(
        name, .tunnel(kind, tunnel), LinkSettings(isUp: true, mtu: mtu, alias: Self.mark))
    } catch {
      throw explain(error)
    }
  }

  /// The refusal in words that say what to do.
  private func explain(_ error: NetlinkError) -> any Error {
    switch error.errno {
    case .notSupported: MissingDriver(driver: kind.rawValue, module: kind.module)
    // All that Linux says of a device whose UDP header nobody can write; without the IPv4 part there was no port.
    case .invalidArgument where port != nil && kind.outer == .v6: MissingDriver(driver: "fou6", module: "fou6")
    case .fileExists:
      ProvisioningError(
        """
        cannot add \(name): another \(kind) tunnel goes from \(local) to \(remote) already, see \
        'culvert tunnel list'
        """)
    default: error
    }
  }

  func revert(on netlink: NetlinkConnection, _ report: Report) throws {
    guard let link = try netlink.link(named: name), describes(link) else { return }
    report("ip link delete dev \(name)")
    try netlink.deleteLink(link.index)
  }
}

extension NetlinkConnection {
  /// The link called `name`.
  ///
  /// - Throws: ``ProvisioningError`` naming the links that are there.
  func requireLink(_ name: String) throws -> Link {
    if let link = try link(named: name) { return link }
    let names = try links().map(\.name).joined(separator: ", ")
    throw ProvisioningError("there is no interface \"\(name)\" (there are \(names))")
  }
}
