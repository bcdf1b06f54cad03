// SPDX-License-Identifier: MIT
import CLinux
public import Wire

/// What the kernel knows about the MAC address of a neighbour (ARP for IPv4, neighbour discovery for IPv6).
public struct Neighbour: Hashable, Sendable {
  public var interface: InterfaceIndex
  public var address: IPAddress
  /// `nil` while it is not known.
  public var macAddress: MACAddress?
  public var state: NeighbourState

  public init(
    interface: InterfaceIndex, address: IPAddress, macAddress: MACAddress? = nil, state: NeighbourState = .permanent
  ) {
    self.interface = interface
    self.address = address
    self.macAddress = macAddress
    self.state = state
  }
}

/// How sure the kernel is of a neighbour.
public struct NeighbourState: OptionSet, Hashable, Sendable {
  public let rawValue: UInt16

  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// Asked for, not answered yet. The corresponding C constant is `NUD_INCOMPLETE`.
  public static let incomplete = Self(rawValue: 0x01)
  /// Confirmed of late. The corresponding C constant is `NUD_REACHABLE`.
  public static let reachable = Self(rawValue: 0x02)
  /// Known, not confirmed of late. The corresponding C constant is `NUD_STALE`.
  public static let stale = Self(rawValue: 0x04)
  /// Used while stale; will be asked soon. The corresponding C constant is `NUD_DELAY`.
  public static let delay = Self(rawValue: 0x08)
  /// Being asked again. The corresponding C constant is `NUD_PROBE`.
  public static let probe = Self(rawValue: 0x10)
  /// Did not answer. The corresponding C constant is `NUD_FAILED`.
  public static let failed = Self(rawValue: 0x20)
  /// The link needs none. The corresponding C constant is `NUD_NOARP`.
  public static let noARP = Self(rawValue: 0x40)
  /// Set by hand. The corresponding C constant is `NUD_PERMANENT`.
  public static let permanent = Self(rawValue: 0x80)

  /// Whether packets can be sent to the MAC address in this state.
  ///
  /// The corresponding set in the kernel is `NUD_VALID`.
  public var isUsable: Bool {
    !isDisjoint(with: [.permanent, .noARP, .reachable, .probe, .stale, .delay])
  }
}

extension Neighbour {
  /// Reads a neighbour message; `nil` if it is of another family than IP, such as a bridge's table of MAC addresses.
  init?(_ message: Message) throws(MalformedMessage) {
    let header = try message.header(ndmsg.self)
    guard IPVersion(family: header.ndm_family) != nil else { return nil }
    var address: IPAddress?
    var macAddress: MACAddress?
    var attributes = message.attributes(NeighbourAttribute.self, after: ndmsg.self)
    while let attribute = attributes.next() {
      switch attribute {
      case .address: address = attributes.address()
      case .macAddress: macAddress = attributes.macAddress()
      default: break
      }
    }
    try attributes.finish()
    guard let address else { throw MalformedMessage("a neighbour without an address") }
    self.init(
      interface: InterfaceIndex(rawValue: UInt32(truncatingIfNeeded: header.ndm_ifindex)), address: address,
      macAddress: macAddress, state: NeighbourState(rawValue: header.ndm_state))
  }
}

extension Request {
  /// Bit of the header that makes the kernel use the entry as if a packet were to be sent: `NTF_USE`.
  private static let use: UInt8 = 0x01

  static func addNeighbour(_ neighbour: Neighbour, replacing: Bool) throws(NetlinkError) -> Request {
    let flags: MessageFlags = [.create, replacing ? .replace : .exclusive]
    return try self.neighbour("add neighbour \(neighbour.address) on", .newNeighbour, flags, neighbour)
  }

  /// Asks for the neighbour on the wire unless it is known.
  static func solicit(_ address: IPAddress, on interface: InterfaceIndex) throws(NetlinkError) -> Request {
    let unknown = Neighbour(interface: interface, address: address, state: [])
    return try neighbour("look for neighbour \(address) on", .newNeighbour, .create, unknown, headerFlags: use)
  }

  static func deleteNeighbour(_ neighbour: Neighbour) throws(NetlinkError) -> Request {
    try self.neighbour("remove neighbour \(neighbour.address) from", .deleteNeighbour, [], neighbour)
  }

  static func neighbours(_ version: IPVersion, on interface: InterfaceIndex?) throws(NetlinkError) -> Request {
    var header = ndmsg()
    header.ndm_family = version.family
    return try Request("list neighbours", .getNeighbour, .dump, header: header) {
      (message: inout AttributeWriter<NeighbourAttribute>) in
      if let interface { message.put(.interface, interface.rawValue) }
    }
  }

  private static func neighbour(
    _ verb: String, _ type: MessageType, _ flags: MessageFlags, _ neighbour: Neighbour, headerFlags: UInt8 = 0
  ) throws(NetlinkError) -> Request {
    var header = ndmsg()
    header.ndm_family = neighbour.address.version.family
    header.ndm_ifindex = CInt(bitPattern: neighbour.interface.rawValue)
    header.ndm_state = neighbour.state.rawValue
    header.ndm_flags = headerFlags
    return try Request(verb, link: neighbour.interface, type, flags, header: header) {
      (message: inout AttributeWriter<NeighbourAttribute>) in
      message.put(.address, neighbour.address)
      if let macAddress = neighbour.macAddress { message.put(.macAddress, macAddress.bytes) }
    }
  }
}

/// The attributes of a neighbour message.
private struct NeighbourAttribute: AttributeScope {
  let rawValue: UInt16

  /// The corresponding C constant is `NDA_DST`.
  static let address = Self(rawValue: UInt16(NDA_DST))
  /// The corresponding C constant is `NDA_LLADDR`.
  static let macAddress = Self(rawValue: UInt16(NDA_LLADDR))
  /// Narrows a list down. The corresponding C constant is `NDA_IFINDEX`.
  static let interface = Self(rawValue: UInt16(NDA_IFINDEX))
}
