// SPDX-License-Identifier: MIT
import CLinux

/// The name of a link's driver.
public struct LinkKind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: String

  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  public var description: String { rawValue }

  /// Two links joined back to back.
  public static let veth = Self(rawValue: "veth")
  /// A software switch.
  public static let bridge = Self(rawValue: "bridge")
  /// Ethernet over UDP (RFC 7348).
  public static let vxlan = Self(rawValue: "vxlan")
  /// A VLAN of another link (IEEE 802.1Q).
  public static let vlan = Self(rawValue: "vlan")
  /// A link that loses what is sent to it, to carry addresses.
  public static let dummy = Self(rawValue: "dummy")
}

extension LinkKind {
  /// The module that holds the driver, where it is not called like the kind.
  var module: String {
    switch rawValue {
    case "gre", "gretap": "ip_gre"
    case "ip6gre", "ip6gretap": "ip6_gre"
    case "ip6tnl": "ip6_tunnel"
    case "vlan": "8021q"
    default: rawValue
    }
  }
}

/// What a link is, with what its driver needs to know.
public enum LinkInfo: Hashable, Sendable {
  case veth(VethPeer)
  case vxlan(VXLAN)
  case vlan(VLAN)
  case tunnel(Tunnel.Kind, Tunnel)
  /// A driver that needs nothing, or whose details are not read.
  case other(LinkKind)

  /// The driver's name.
  public var kind: LinkKind {
    switch self {
    case .veth: .veth
    case .vxlan: .vxlan
    case .vlan: .vlan
    case .tunnel(let kind, _): LinkKind(rawValue: kind.rawValue)
    case .other(let kind): kind
    }
  }

  /// A software switch.
  public static var bridge: Self { .other(.bridge) }
}

extension LinkInfo {
  /// Writes ``LinkAttribute/info``.
  func write(to message: inout AttributeWriter<LinkAttribute>) {
    message.nest(.info, LinkInfoAttribute.self) { info in
      info.put(.kind, Array(kind.rawValue.utf8))
      switch self {
      case .veth(let peer): peer.write(to: &info)
      case .vxlan(let vxlan): vxlan.write(to: &info)
      case .vlan(let vlan): vlan.write(to: &info)
      case .tunnel(let kind, let tunnel): tunnel.kept(by: kind).write(kind, to: &info)
      case .other: break
      }
    }
  }

  /// Reads ``LinkAttribute/info``, in which the kernel puts the kind before the data.
  init?(from reader: inout AttributeReader<LinkAttribute>) {
    var info: LinkInfo?
    reader.nested(LinkInfoAttribute.self) { attribute, reader in
      switch attribute {
      case .kind: info = .other(LinkKind(rawValue: reader.string()))
      case .data: info = info.map { LinkInfo(kind: $0.kind, dataFrom: &reader) }
      default: break
      }
    }
    guard let info else { return nil }
    self = info
  }

  private init(kind: LinkKind, dataFrom reader: inout AttributeReader<LinkInfoAttribute>) {
    if kind == .vxlan {
      self = .vxlan(VXLAN(from: &reader))
    } else if kind == .vlan {
      self = .vlan(VLAN(from: &reader))
    } else if let tunnel = Tunnel.Kind(rawValue: kind.rawValue) {
      self = .tunnel(tunnel, Tunnel(tunnel, from: &reader))
    } else {
      self = .other(kind)
    }
  }
}
