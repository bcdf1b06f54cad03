// SPDX-License-Identifier: MIT
import CLinux
public import Wire

/// An IP address on a link.
public struct InterfaceAddress: Hashable, Sendable {
  public var interface: InterfaceIndex
  /// The address with the length of the prefix that is on the link.
  public var prefix: IPPrefix
  /// The other end of a point-to-point link, if it has an address of its own.
  public var peer: IPAddress?
  /// IPv4 only; the link's name, or that name, a colon and more.
  public var label: String?
  public var scope: RouteScope
  public var flags: AddressFlags
  /// Who added it; kernels before 5.18 forget it.
  public var `protocol`: AddressProtocol

  /// An address that Culvert owns, unless `protocol` says otherwise.
  public init(
    interface: InterfaceIndex, prefix: IPPrefix, peer: IPAddress? = nil, label: String? = nil,
    scope: RouteScope = .universe, flags: AddressFlags = [], protocol: AddressProtocol = .culvert
  ) {
    self.interface = interface
    self.prefix = prefix
    self.peer = peer
    self.label = label
    self.scope = scope
    self.flags = flags
    self.protocol = `protocol`
  }

  /// The address itself.
  public var address: IPAddress { prefix.address }
}

/// Who added an address. The numbers are not those of ``RouteProtocol``.
public struct AddressProtocol: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Not said. The corresponding C constant is `IFAPROT_UNSPEC`.
  public static let unspecified = Self(rawValue: 0)
  /// Culvert: the same number as ``RouteProtocol/culvert``, far from the three that the kernel uses.
  public static let culvert = Self(rawValue: 197)
}

/// How the kernel treats an address.
public struct AddressFlags: OptionSet, Hashable, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Not the first of its prefix (IPv4). The corresponding C constant is `IFA_F_SECONDARY`.
  public static let secondary = Self(rawValue: 0x01)
  /// Chosen by chance for some hours, for privacy (IPv6). The corresponding C constant is `IFA_F_TEMPORARY`.
  public static let temporary = Self(rawValue: 0x01)
  /// Usable at once, without looking for duplicates (IPv6). The corresponding C constant is `IFA_F_NODAD`.
  public static let noDuplicateDetection = Self(rawValue: 0x02)
  /// Somebody else has it. The corresponding C constant is `IFA_F_DADFAILED`.
  public static let duplicate = Self(rawValue: 0x08)
  /// Never chosen as a source where there is another (IPv6). The kernel takes it as a preferred lifetime of 0. The
  /// corresponding C constant is `IFA_F_DEPRECATED`.
  public static let deprecated = Self(rawValue: 0x20)
  /// Being checked for duplicates, not usable yet. The corresponding C constant is `IFA_F_TENTATIVE`.
  public static let tentative = Self(rawValue: 0x40)
  /// Without a lifetime; the kernel adds it. The corresponding C constant is `IFA_F_PERMANENT`.
  public static let permanent = Self(rawValue: 0x80)
  /// Without a route for its prefix. The corresponding C constant is `IFA_F_NOPREFIXROUTE`.
  public static let noPrefixRoute = Self(rawValue: 0x200)
}

extension InterfaceAddress {
  /// Reads an address message; `nil` if it is of another family than IP.
  init?(_ message: Message) throws(MalformedMessage) {
    let header = try message.header(ifaddrmsg.self)
    guard let version = IPVersion(family: header.ifa_family) else { return nil }
    var flags = UInt32(header.ifa_flags)
    var local: IPAddress?
    var address: IPAddress?
    var label: String?
    var owner: UInt8 = 0
    var attributes = message.attributes(AddressAttribute.self, after: ifaddrmsg.self)
    while let attribute = attributes.next() {
      switch attribute {
      case .local: local = attributes.address()
      case .address: address = attributes.address()
      case .label: label = attributes.string()
      case .flags: flags = attributes.integer()
      case .protocol: owner = attributes.integer()
      default: break
      }
    }
    try attributes.finish()
    guard let own = local ?? address, own.version == version,
      let prefix = IPPrefix(address: own, length: Int(header.ifa_prefixlen))
    else { throw MalformedMessage("an address message without a fitting address") }
    self.init(
      interface: InterfaceIndex(rawValue: header.ifa_index), prefix: prefix, peer: address == own ? nil : address,
      label: label, scope: RouteScope(rawValue: header.ifa_scope), flags: AddressFlags(rawValue: flags),
      protocol: AddressProtocol(rawValue: owner))
  }
}

extension Request {
  static func addAddress(_ address: InterfaceAddress, replacing: Bool) throws(NetlinkError) -> Request {
    try Self.address(
      "add address \(address.prefix) to", .newAddress, [.create, replacing ? .replace : .exclusive], address)
  }

  static func deleteAddress(_ address: InterfaceAddress) throws(NetlinkError) -> Request {
    try Self.address("remove address \(address.prefix) from", .deleteAddress, [], address)
  }

  static func addresses(_ version: IPVersion, on interface: InterfaceIndex?) throws(NetlinkError) -> Request {
    var header = ifaddrmsg()
    header.ifa_family = version.family
    header.ifa_index = interface?.rawValue ?? 0
    return try Request("list addresses", .getAddress, .dump, header: header) {
      (_: inout AttributeWriter<AddressAttribute>) in
    }
  }

  private static func address(
    _ verb: String, _ type: MessageType, _ flags: MessageFlags, _ address: InterfaceAddress
  ) throws(NetlinkError) -> Request {
    var header = ifaddrmsg()
    header.ifa_family = address.address.version.family
    header.ifa_prefixlen = UInt8(address.prefix.length)
    header.ifa_scope = address.scope.rawValue
    header.ifa_index = address.interface.rawValue
    return try Request(verb, link: address.interface, type, flags, header: header) {
      (message: inout AttributeWriter<AddressAttribute>) in
      message.put(.local, address.address)
      message.put(.address, address.peer ?? address.address)
      if let label = address.label { message.put(.label, label) }
      if !address.flags.isEmpty { message.put(.flags, address.flags.rawValue) }
      if address.flags.contains(.deprecated) { message.put(.lifetimes, Self.neverPreferred) }
      if address.protocol != .unspecified { message.put(.protocol, address.protocol.rawValue) }
    }
  }
}

extension Request {
  /// An `ifa_cacheinfo`: preferred for 0 seconds, valid for ever, and two times that only the kernel writes.
  private static let neverPreferred =
    [UInt8](repeating: 0, count: 4) + [UInt8](repeating: 0xFF, count: 4)
    + [UInt8](repeating: 0, count: 8)
}

/// The attributes of an address message.
private struct AddressAttribute: AttributeScope {
  let rawValue: UInt16

  init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  private init(_ constant: Int) {
    rawValue = UInt16(constant)
  }

  /// The other end's address, or our own. The corresponding C constant is `IFA_ADDRESS`.
  static let address = Self(IFA_ADDRESS)
  /// Our own address. The corresponding C constant is `IFA_LOCAL`.
  static let local = Self(IFA_LOCAL)
  /// The corresponding C constant is `IFA_LABEL`.
  static let label = Self(IFA_LABEL)
  /// How long it is preferred and valid. The corresponding C constant is `IFA_CACHEINFO`.
  static let lifetimes = Self(IFA_CACHEINFO)
  /// All 32 flags, of which the header has room for 8. The corresponding C constant is `IFA_FLAGS`.
  static let flags = Self(IFA_FLAGS)
  /// The corresponding C constant is `IFA_PROTO`.
  static let `protocol` = Self(IFA_PROTO)
}
