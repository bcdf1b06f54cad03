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
    try Self.checkName(name, info.kind)
    try transact(.createLink(name, info, settings))
    guard let link = try link(named: name) else {
      throw .removedAtOnce(name, info.kind)
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

  /// Changes what a link's driver knows, and settings of the link, in one request.
  ///
  /// `info` counts as a whole: what it leaves out goes back to what the driver does by itself. The MTU of a tunnel does
  /// too, where `settings` say nothing about it and its underlying link changes. The kernel takes the driver's part
  /// first, whole or not at all, and then the settings as ``setLink(_:_:)`` has it. Of a `sit` tunnel it ignores a change
  /// of the payload: see ``Tunnel/Kind/keepsPayload``.
  ///
  /// - Throws: ``NetlinkError`` with `.notSupported` if the link is of another kind, `.fileExists` if another tunnel has
  ///   the same ends, `.invalidArgument` where a driver cannot change: a layer-3 tunnel with a remote end keeps having
  ///   one, and one without keeps having none.
  public func changeLink(
    _ index: InterfaceIndex, _ info: LinkInfo, _ settings: LinkSettings = LinkSettings()
  ) throws(NetlinkError) {
    try transact(.changeLink(index, info, settings))
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

  /// Says what would be right where a name cannot be that of a link.
  static func checkName(_ name: String, _ kind: LinkKind) throws(NetlinkError) {
    guard !isLinkName(name) else { return }
    throw NetlinkError(
      operation: "add link \"\(name)\" of kind \(kind)", errno: .invalidArgument,
      advice: "a name has 1 to 15 bytes, without white space, / or :")
  }

  /// What the kernel takes as a name, `dev_valid_name`.
  private static func isLinkName(_ name: String) -> Bool {
    1...15 ~= name.utf8.count && name != "." && name != ".."
      && name.utf8.allSatisfy { !"/: \t\n\r\u{0B}\u{0C}\u{0}".utf8.contains($0) }
  }
}

extension NetlinkError {
  /// A link was made, and was not there when it was looked for.
  static func removedAtOnce(_ name: String, _ kind: LinkKind) -> Self {
    Self(
      operation: "add link \"\(name)\" of kind \(kind)", errno: .noDevice, advice: "it was removed or renamed at once")
  }
}
