// SPDX-License-Identifier: MIT
import CLinux
import SystemPackage
public import Wire

/// What shall change about a link; `nil` leaves a setting as it is.
public struct LinkSettings: Hashable, Sendable {
  /// A new name, at most 15 bytes. Before Linux 6.2 the link must be down already.
  public var name: String?
  public var isUp: Bool?
  /// In bytes.
  public var mtu: UInt32?
  public var macAddress: MACAddress?
  /// Text to attach to the link, at most 255 bytes; empty removes it.
  public var alias: String?
  public var group: LinkGroup?
  public var master: Master?

  /// The bridge that a link shall be a port of.
  public enum Master: Hashable, Sendable {
    case link(InterfaceIndex)
    case none
  }

  public init(
    name: String? = nil, isUp: Bool? = nil, mtu: UInt32? = nil, macAddress: MACAddress? = nil, alias: String? = nil,
    group: LinkGroup? = nil, master: Master? = nil
  ) {
    self.name = name
    self.isUp = isUp
    self.mtu = mtu
    self.macAddress = macAddress
    self.alias = alias
    self.group = group
    self.master = master
  }

  /// A message's fixed header for link `index`; 0 for one that has no number yet.
  fileprivate func header(index: UInt32) -> ifinfomsg {
    var header = ifinfomsg()
    header.ifi_index = CInt(bitPattern: index)
    if let isUp {
      header.ifi_flags = isUp ? LinkFlags.up.rawValue : 0
      header.ifi_change = LinkFlags.up.rawValue
    }
    return header
  }

  fileprivate func write(to message: inout AttributeWriter<LinkAttribute>) {
    if let name { message.put(.name, name) }
    if let mtu { message.put(.mtu, mtu) }
    if let macAddress { message.put(.address, macAddress.bytes) }
    // The kernel removes the text only for an attribute without any byte, not even the zero at the end.
    if let alias { message.put(.alias, Array(alias.utf8)) }
    if let group { message.put(.group, group.rawValue) }
    switch master {
    case .link(let index): message.put(.master, index.rawValue)
    case .some(.none): message.put(.master, 0 as UInt32)
    case nil: break
    }
  }
}

extension Request {
  /// Leaves out of replies the statistics of IPv6, which make up most of a link message.
  ///
  /// The corresponding C constant is `RTEXT_FILTER_SKIP_STATS`.
  private static let skipStatistics: UInt32 = 1 << 3

  static func createLink(_ name: String, _ info: LinkInfo, _ settings: LinkSettings) throws(NetlinkError) -> Request {
    var settings = settings
    settings.name = name
    let verb = "add link \"\(name)\" of kind \(info.kind)"
    let advice = "the kernel has no driver for \(info.kind); load it with \"modprobe \(info.kind.module)\""
    return try Request(
      verb, .newLink, [.create, .exclusive], header: settings.header(index: 0), advice: [.notSupported: advice]
    ) { message in
      settings.write(to: &message)
      info.write(to: &message)
    }
  }

  static func changeLink(
    _ index: InterfaceIndex, _ info: LinkInfo, _ settings: LinkSettings
  ) throws(NetlinkError) -> Request {
    let advice = "a link keeps its kind, and a \(info.kind) may keep its settings too: remove it and make it anew"
    return try Request(
      "change", link: index, .newLink, header: settings.header(index: index.rawValue), advice: [.notSupported: advice]
    ) { message in
      settings.write(to: &message)
      info.write(to: &message)
    }
  }

  static func setLink(_ index: InterfaceIndex, _ settings: LinkSettings) throws(NetlinkError) -> Request {
    try Request("change", link: index, .newLink, header: settings.header(index: index.rawValue)) { message in
      settings.write(to: &message)
    }
  }

  static func deleteLink(_ index: InterfaceIndex) throws(NetlinkError) -> Request {
    try linkRequest("remove", .deleteLink, index: index)
  }

  /// Changes all links of a group, content if there are none: `verb` says what it does in errors.
  static func setLinks(
    in group: LinkGroup, _ settings: LinkSettings, _ verb: String
  ) throws(NetlinkError) -> Request {
    var settings = settings
    settings.group = group
    return try Request(verb, .newLink, header: settings.header(index: 0)) { message in settings.write(to: &message) }
  }

  static func deleteLinks(in group: LinkGroup) throws(NetlinkError) -> Request {
    try Request(
      "remove the links of group \(group.rawValue)", .deleteLink, header: LinkSettings().header(index: 0)
    ) { message in LinkSettings(group: group).write(to: &message) }
  }

  static func links() throws(NetlinkError) -> Request {
    try linkRequest("list links", .getLink, .dump)
  }

  static func link(named name: String) throws(NetlinkError) -> Request {
    try linkRequest("show link \"\(name)\"", .getLink, name: name)
  }

  static func link(_ index: InterfaceIndex) throws(NetlinkError) -> Request {
    try linkRequest("show", .getLink, index: index)
  }

  /// A request that names links and says nothing about them.
  private static func linkRequest(
    _ verb: String, _ type: MessageType, _ flags: MessageFlags = [], index: InterfaceIndex? = nil, name: String? = nil
  ) throws(NetlinkError) -> Request {
    let header = LinkSettings().header(index: index?.rawValue ?? 0)
    return try Request(verb, link: index, type, flags, header: header) {
      (message: inout AttributeWriter<LinkAttribute>) in
      if let name { message.put(.name, name) }
      if type == .getLink { message.put(.extensionMask, skipStatistics) }
    }
  }
}
