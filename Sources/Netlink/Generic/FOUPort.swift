// SPDX-License-Identifier: MIT
import CLinux
public import Wire

/// A UDP port whose datagrams the kernel unwraps and hands on as packets of another protocol, still between the outer
/// addresses: Foo over UDP.
///
/// Tunnel devices take it from there. A port takes from everybody; whom a tunnel takes from is the device's to say.
public struct FOUPort: Hashable, Sendable {
  /// The version of the outer header.
  public var version: IPVersion
  public var port: UInt16
  public var content: Content

  /// What follows the UDP header.
  public enum Content: Hashable, Sendable {
    /// A packet of this IP protocol, always the same: 4 for IPv4 and 41 for IPv6. The corresponding C constant is
    /// `FOU_ENCAP_DIRECT`.
    case direct(UInt8)
    /// A GUE header that names the protocol (variant 0), or an IPv4 or IPv6 packet itself (variant 1, the bytes of
    /// Foo over UDP): the first two bits tell. The corresponding C constant is `FOU_ENCAP_GUE`.
    case gue
  }

  public init(version: IPVersion, port: UInt16, content: Content) {
    self.version = version
    self.port = port
    self.content = content
  }
}

extension FOUPort {
  /// Reads one entry of the list; `nil` for what this version does not know.
  init?(_ message: Message) throws(MalformedMessage) {
    _ = try message.header(genlmsghdr.self)
    var version: IPVersion?
    var port: UInt16 = 0
    var type: UInt8 = 0
    var ipProtocol: UInt8 = 0
    var attributes = message.attributes(FOUAttribute.self, after: genlmsghdr.self)
    while let attribute = attributes.next() {
      switch attribute {
      case .port: port = UInt16(bigEndian: attributes.integer())
      case .family: version = IPVersion(family: attributes.integer())
      case .type: type = attributes.integer()
      case .ipProtocol: ipProtocol = attributes.integer()
      default: break
      }
    }
    try attributes.finish()
    guard let version, let content = Content(type: type, ipProtocol: ipProtocol) else { return nil }
    self.init(version: version, port: port, content: content)
  }
}

extension FOUPort.Content {
  fileprivate init?(type: UInt8, ipProtocol: UInt8) {
    switch Int(type) {
    case FOU_ENCAP_DIRECT: self = .direct(ipProtocol)
    case FOU_ENCAP_GUE: self = .gue
    default: return nil
    }
  }

  fileprivate var type: UInt8 {
    switch self {
    case .direct: UInt8(FOU_ENCAP_DIRECT)
    case .gue: UInt8(FOU_ENCAP_GUE)
    }
  }
}

extension GenericFamily {
  func addPort(_ port: FOUPort) throws(NetlinkError) -> Request {
    try change("open", FOU_CMD_ADD, port)
  }

  func deletePort(_ port: FOUPort) throws(NetlinkError) -> Request {
    try change("close", FOU_CMD_DEL, port)
  }

  func ports() throws(NetlinkError) -> Request {
    try request("list ports of Foo over UDP", command: FOU_CMD_GET, version: FOU_GENL_VERSION, .dump) {
      (_: inout AttributeWriter<FOUAttribute>) in
    }
  }

  private func change(_ verb: String, _ command: Int, _ port: FOUPort) throws(NetlinkError) -> Request {
    let operation = "\(verb) UDP port \(port.port) of IPv\(port.version.rawValue) for tunnels"
    return try request(operation, command: command, version: FOU_GENL_VERSION) {
      (message: inout AttributeWriter<FOUAttribute>) in
      message.put(.port, port.port.bigEndian)
      message.put(.type, port.content.type)
      message.put(.family, port.version.family)
      if case .direct(let number) = port.content { message.put(.ipProtocol, number) }
    }
  }
}

/// The attributes of a message about a port.
private struct FOUAttribute: AttributeScope {
  let rawValue: UInt16

  init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// In network order. The corresponding C constant is `FOU_ATTR_PORT`.
  static let port = Self(rawValue: UInt16(FOU_ATTR_PORT))
  /// The corresponding C constant is `FOU_ATTR_AF`.
  static let family = Self(rawValue: UInt16(FOU_ATTR_AF))
  /// The corresponding C constant is `FOU_ATTR_IPPROTO`.
  static let ipProtocol = Self(rawValue: UInt16(FOU_ATTR_IPPROTO))
  /// The corresponding C constant is `FOU_ATTR_TYPE`.
  static let type = Self(rawValue: UInt16(FOU_ATTR_TYPE))
}
