// SPDX-License-Identifier: MIT
import SystemPackage

/// A link that shall be made.
public struct NewLink: Hashable, Sendable {
  public var name: String
  public var info: LinkInfo
  public var settings: LinkSettings

  public init(_ name: String, _ info: LinkInfo, _ settings: LinkSettings = LinkSettings()) {
    self.name = name
    self.info = info
    self.settings = settings
  }
}

extension NetlinkConnection {
  /// Makes many links, all of them or none.
  ///
  /// - Returns: their numbers, in the order of `links`.
  /// - Throws: ``NetlinkError`` of the first that was refused, as ``createLink(_:_:_:)`` throws it; what was made before
  ///   is gone then.
  @discardableResult
  public func createLinks(_ links: [NewLink]) throws(NetlinkError) -> [InterfaceIndex] {
    var batch = NetlinkBatch()
    for link in links {
      try Self.checkName(link.name, link.info.kind)
      try batch.createLink(link.name, link.info, link.settings)
    }
    do throws(NetlinkBatchError) {
      try commit(batch)
    } catch {
      try? deleteLinks(Array(indices(of: error.made.map { links[$0] }).values))
      throw error.first
    }
    return try describe(links)
  }

  /// Removes links, all of them or none, in a time that hardly depends on how many there are.
  ///
  /// Each link that is removed alone waits for all processors to have let go of it. So they are put into a group that
  /// nobody uses, which is removed as one.
  public func deleteLinks(_ links: [InterfaceIndex]) throws(NetlinkError) {
    guard links.count > 1 else {
      for link in links { try deleteLink(link) }
      return
    }
    let wanted = Set(links)
    let present = try self.links()
    let group = LinkGroup.unused(beside: present.map(\.group))
    do throws(NetlinkError) {
      try setGroups(links.map { ($0, group) })
      try deleteLinks(in: group)
    } catch {
      try? setGroups(present.filter { wanted.contains($0.index) }.map { ($0.index, $0.group) })
      throw error
    }
  }

  /// Removes all links of a group at once, or none; content if there are none.
  ///
  /// - Throws: ``NetlinkError`` with `.notSupported` if one of them is no link that can be removed, such as hardware, and
  ///   `.invalidArgument` for the default group.
  public func deleteLinks(in group: LinkGroup) throws(NetlinkError) {
    let request = try Request.deleteLinks(in: group)
    guard group != .default else {
      throw NetlinkError(
        operation: request.operation(), errno: .invalidArgument, advice: "nobody has chosen who belongs to this group")
    }
    do throws(NetlinkError) {
      try transact(request)
    } catch {
      if error.errno != .noDevice { throw error }
    }
  }

  /// Gives links that were just made their aliases, or removes them.
  private func describe(_ links: [NewLink]) throws(NetlinkError) -> [InterfaceIndex] {
    let found = try indices(of: links)
    var batch = NetlinkBatch()
    var made: [InterfaceIndex] = []
    for link in links {
      guard let index = found[link.name] else { throw .removedAtOnce(link.name, link.info.kind) }
      made.append(index)
      // The kernel ignores the text while it makes a link.
      if let alias = link.settings.alias { try batch.setLink(index, LinkSettings(alias: alias)) }
    }
    do throws(NetlinkBatchError) {
      try commit(batch)
    } catch {
      try? deleteLinks(made)
      throw error.first
    }
    return made
  }

  private func indices(of links: [NewLink]) throws(NetlinkError) -> [String: InterfaceIndex] {
    let kinds = links.reduce(into: [:]) { $0[$1.name] = $1.info.kind }
    return try self.links().reduce(into: [:]) { found, link in
      if let kind = link.kind, kinds[link.name] == kind { found[link.name] = link.index }
    }
  }

  private func setGroups(_ groups: [(link: InterfaceIndex, group: LinkGroup)]) throws(NetlinkError) {
    var batch = NetlinkBatch()
    for (link, group) in groups { try batch.setLink(link, LinkSettings(group: group)) }
    do throws(NetlinkBatchError) {
      try commit(batch)
    } catch {
      throw error.first
    }
  }
}

extension LinkGroup {
  /// One that is not among `others`, nor likely to be chosen by anybody else.
  fileprivate static func unused(beside others: [LinkGroup]) -> LinkGroup {
    while true {
      let group = LinkGroup(rawValue: .random(in: 1 ... .max))
      if !others.contains(group) { return group }
    }
  }
}
