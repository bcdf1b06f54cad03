// SPDX-License-Identifier: MIT
public import Netlink
import SystemPackage
public import Wire

/// A tunnel device of the kernel with both ends given, marked as Culvert's.
public struct TunnelLink: Hashable, Sendable, Codable {
  public var name: String
  public var kind: Tunnel.Kind
  /// What it carries, where the kind leaves a choice: `sit` and `ip6tnl`.
  public var mode = Tunnel.Payload.any
  /// The outer source address, and the only outer destination that it receives.
  public var local: IPAddress
  /// The outer destination address, and the only outer source that it receives from.
  public var remote: IPAddress
  /// A UDP header behind the outer one; nil for none.
  public var encapsulation: TunnelEncapsulation?
  /// The UDP port at both ends, with ``encapsulation`` only.
  public var port: UInt16?
  /// Of both directions; GRE only.
  public var key: UInt32?
  /// 0 copies the inner header's.
  public var ttl: UInt8 = 64
  /// nil copies the inner header's.
  public var tos: UInt8?
  /// Whether outer packets may not be fragmented, and follow the path's MTU. Always so over IPv6.
  public var discoversPathMTU = true
  /// How deeply packets may be nested further, in a destination option that many networks drop (RFC 2473, 4.1.1); nil
  /// adds no such option. Over IPv6 only.
  public var encapsulationLimit: UInt8?
  /// The link that outer packets leave through; nil leaves it to the route.
  public var device: String?
  /// In bytes; nil leaves it to the driver.
  public var mtu: UInt32?
  public var isUp = true
  public var owner: TunnelOwner

  /// A tunnel of `culvert tunnel`.
  public init(name: String, kind: Tunnel.Kind, local: IPAddress, remote: IPAddress) {
    self.name = name
    self.kind = kind
    self.local = local
    self.remote = remote
    owner = .tunnel
  }

  /// A real server's tunnel, of the kind that receives `tunnelProtocol` with `payload` inside.
  init(
    name: String, tunnelProtocol: TunnelProtocol, payload: Tunnel.Payload = .ipv4, local: IPAddress, remote: IPAddress,
    key: UInt32? = nil, port: UInt16? = nil
  ) {
    self.init(
      name: name, kind: tunnelProtocol.device(outer: local.version, carrying: payload), local: local, remote: remote)
    if kind == .sit { mode = payload }
    (encapsulation, self.port, self.key, owner) = (tunnelProtocol.encapsulation, port, key, .real)
  }
}

extension TunnelLink {
  /// How many bytes it puts before a packet.
  var overhead: UInt32 {
    kind.overhead(hasKey: key != nil, encapsulation) + (encapsulationLimit == nil ? 0 : Self.destinationOption)
  }

  /// The bytes of a destination options header with nothing but the limit of encapsulation, padded (RFC 2473, 5.1).
  private static let destinationOption: UInt32 = 8

  /// The UDP port that has to be open for it to receive.
  var receivingPort: TunnelPort? {
    guard let encapsulation, let port else { return nil }
    return TunnelPort(outer: kind.outer, port: port, content: .init(of: kind, in: encapsulation))
  }

  /// The device's settings. `underlying` is the number of ``device``.
  func settings(underlying: InterfaceIndex? = nil) -> Tunnel {
    Tunnel(
      local: local, remote: remote, underlying: underlying, ttl: ttl, tos: tos ?? Self.inheritedTOS,
      discoversPathMTU: discoversPathMTU, encapsulationLimit: encapsulationLimit, payload: mode, inputKey: key,
      outputKey: key, udp: udp)
  }

  /// The port that a tunnel in UDP has where none is given.
  public var usualPort: UInt16? { encapsulation == nil ? nil : TunnelProtocol.defaultPort }

  /// What the kernel takes for "as the inner header has it".
  static let inheritedTOS: UInt8 = 1

  private var udp: UDPEncapsulation? {
    guard let encapsulation, let port else { return nil }
    return encapsulation.udp(outer: kind.outer, port: port)
  }

  /// Whether `link` is this tunnel, whatever it is called, and whatever its outer header says beside the addresses.
  func describes(_ link: Link) -> Bool {
    guard case .tunnel(let kind, let found) = link.info, kind == self.kind else { return false }
    return found.local == local && found.remote == remote && found.inputKey == key
      && (!kind.hasModes || found.payload == mode)
      && TunnelEncapsulation(found.udp) == encapsulation && found.udp?.destinationPort == port
  }

  /// The refusal in words that say what to do.
  func explain(_ error: NetlinkError) -> any Error {
    switch error.errno {
    case .notSupported: MissingDriver(driver: kind.rawValue, module: kind.module)
    // All that Linux says of a device whose UDP header nobody can write. The module for IPv4 is known to be there
    // before: its port, or the question for it, was refused.
    case .invalidArgument where encapsulation != nil && kind.outer == .v6:
      MissingDriver(driver: "fou6", module: "fou6")
    case .fileExists:
      ProvisioningError(
        """
        cannot make \(name): another \(kind) tunnel goes from \(local) to \(remote) already, see \
        'culvert tunnel list'
        """)
    default: error
    }
  }
}

extension TunnelLink: Step {
  func isMade(on netlink: NetlinkConnection) throws -> Bool {
    guard let link = try netlink.link(named: name) else { return false }
    guard describes(link) else {
      throw ProvisioningError("there is a link \(name) already, and it is another one: give a name that is free")
    }
    return true
  }

  func remembering(on netlink: NetlinkConnection) -> Change { .tunnel(self) }

  func make(on netlink: NetlinkConnection, _ report: Report) throws {
    let tunnel = settings(underlying: try device.map { try netlink.requireLink($0).index })
    do throws(NetlinkError) {
      try netlink.createLink(name, .tunnel(kind, tunnel), LinkSettings(isUp: isUp, mtu: mtu, alias: owner.mark))
    } catch {
      throw explain(error)
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
