// SPDX-License-Identifier: MIT
import SystemPackage

extension NetlinkConnection {
  /// All links, in the order of their numbers.
  public func links(statistics: Bool = false) throws(NetlinkError) -> [Link] {
    try collect(.links()) { message throws(MalformedMessage) in try Link(message, statistics: statistics) }
      .sorted { $0.index < $1.index }
  }

  /// The link of this name, or `nil`.
  public func link(named name: String, statistics: Bool = false) throws(NetlinkError) -> Link? {
    // The kernel calls a name out of range what is only unknown.
    guard Self.isLinkName(name) else { return nil }
    return try oneLink(.link(named: name), statistics)
  }

  /// The link of this number, or `nil`.
  public func link(_ index: InterfaceIndex, statistics: Bool = false) throws(NetlinkError) -> Link? {
    try oneLink(.link(index), statistics)
  }

  /// Makes a link, with all its settings or not at all.
  ///
  /// - Returns: its number.
  /// - Throws: ``NetlinkError`` with `.fileExists` if the name is taken, `.notSupported` if the kernel has no such
  ///   driver.
  @discardableResult
  public func createLink(
    _ name: String, _ info: LinkInfo, _ settings: LinkSettings = LinkSettings()
  ) throws(NetlinkError) -> InterfaceIndex {
    let operation = "add link \"\(name)\" of kind \(info.kind)"
    guard Self.isLinkName(name) else {
      throw NetlinkError(
        operation: operation, errno: .invalidArgument, advice: "a name has 1 to 15 bytes, without white space, / or :")
    }
    try createLink(.createLink(name, info, settings), of: info.kind)
    guard let link = try link(named: name) else {
      throw NetlinkError(operation: operation, errno: .noDevice, advice: "it was removed or renamed at once")
    }
    // The kernel ignores the text while it makes a link.
    guard let alias = settings.alias else { return link.index }
    do throws(NetlinkError) {
      try setLink(link.index, LinkSettings(alias: alias))
    } catch {
      try? deleteLink(link.index)
      throw error
    }
    return link.index
  }

  /// Changes settings of a link.
  ///
  /// The kernel takes the settings one after the other and stops at the first that it refuses, so after an error read
  /// the link again, or change one setting at a time.
  public func setLink(_ index: InterfaceIndex, _ settings: LinkSettings) throws(NetlinkError) {
    try transact(.setLink(index, settings))
  }

  /// Removes a link, and the other end of a veth pair with it.
  public func deleteLink(_ index: InterfaceIndex) throws(NetlinkError) {
    try transact(.deleteLink(index))
  }

  private func oneLink(_ request: Request, _ statistics: Bool) throws(NetlinkError) -> Link? {
    do throws(NetlinkError) {
      return try collect(request) { message throws(MalformedMessage) in
        try Link(message, statistics: statistics)
      }.first
    } catch {
      if error.errno == .noDevice { return nil }
      throw error
    }
  }

  private func createLink(_ request: Request, of kind: LinkKind) throws(NetlinkError) {
    do throws(NetlinkError) {
      try transact(request)
    } catch {
      guard error.errno == .notSupported else { throw error }
      throw error.advised("the kernel has no driver for \(kind); load it with \"modprobe \(kind.module)\"")
    }
  }

  /// What the kernel takes as a name, `dev_valid_name`.
  private static func isLinkName(_ name: String) -> Bool {
    1...15 ~= name.utf8.count && name != "." && name != ".."
      && name.utf8.allSatisfy { !"/: \t\n\r\u{0B}\u{0C}\u{0}".utf8.contains($0) }
  }
}

extension LinkKind {
  /// The module that holds the driver, where it is not called like the kind.
  fileprivate var module: String {
    switch rawValue {
    case "gre", "gretap": "ip_gre"
    case "ip6gre", "ip6gretap": "ip6_gre"
    case "ip6tnl": "ip6_tunnel"
    case "vlan": "8021q"
    default: rawValue
    }
  }
}
