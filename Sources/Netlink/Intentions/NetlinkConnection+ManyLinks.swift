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
  /// Each has its alias as soon as it is there, even if this process is ended: so a mark in it finds them all again.
  /// Until all are there, each is alone in a group that nobody uses.
  ///
  /// - Returns: their numbers, in the order of `links`.
  /// - Throws: ``NetlinkBatchError``, in which each of `links` counts by its place; what was made is gone again.
  @discardableResult
  public func createLinks(_ links: [NewLink]) throws(NetlinkBatchError) -> [InterfaceIndex] {
    var position = 0
    do throws(NetlinkError) {
      let groups = LinkGroup.unused(links.count, beside: try self.links())
      return try createLinks(links, groups, &position)
    } catch {
      throw NetlinkBatchError(refusals: [.init(position: position, error: error)], made: [], count: links.count)
    }
  }

  /// Removes links, all of them or none.
  ///
  /// Each link that is removed alone waits for all processors to have let go of it. So they are put into a group that
  /// nobody uses, which is removed as one. Bridges wait once more by themselves, each alone.
  public func deleteLinks(_ links: [InterfaceIndex]) throws(NetlinkError) {
    guard links.count > 1 else {
      for link in links { try deleteLink(link) }
      return
    }
    let wanted = Set(links)
    let present = try self.links()
    let group = LinkGroup.unused(1, beside: present)[0]
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
}

extension NetlinkConnection {
  /// Makes `links`, each alone in one of `groups`, and gives them the groups they shall have; `position` tells how far it
  /// came.
  private func createLinks(
    _ links: [NewLink], _ groups: [LinkGroup], _ position: inout Int
  ) throws(NetlinkError) -> [InterfaceIndex] {
    do throws(NetlinkError) {
      try commitCreation(of: links, groups, &position)
      let found = try indices(in: groups)
      var made: [InterfaceIndex] = []
      for (link, group) in zip(links, groups) {
        guard let index = found[group] else { throw .removedAtOnce(link.name, link.info.kind) }
        made.append(index)
      }
      try setGroups(zip(made, links).map { ($0, $1.settings.group ?? .default) })
      return made
    } catch {
      try? deleteLinks(Array(indices(in: groups).values))
      throw error
    }
  }

  private func commitCreation(
    of links: [NewLink], _ groups: [LinkGroup], _ position: inout Int
  ) throws(NetlinkError) {
    var batch = NetlinkBatch()
    // Which link each change is about.
    var positions: [Int] = []
    for (link, group) in zip(links, groups) {
      position = positions.last.map { $0 + 1 } ?? 0
      try Self.checkName(link.name, link.info.kind)
      try batch.createLink(link, aloneIn: group)
      positions += Array(repeating: position, count: batch.count - positions.count)
    }
    do throws(NetlinkBatchError) {
      try commit(batch)
    } catch {
      position = error.refusals.first.map { positions[$0.position] } ?? 0
      throw error.first
    }
  }

  private func indices(in groups: [LinkGroup]) throws(NetlinkError) -> [LinkGroup: InterfaceIndex] {
    let groups = Set(groups)
    return try links().reduce(into: [:]) { found, link in
      if groups.contains(link.group) { found[link.group] = link.index }
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
  /// Groups that none of `links` is in, nor are they likely to be chosen by anybody else.
  fileprivate static func unused(_ count: Int, beside links: [Link]) -> [LinkGroup] {
    let used = Set(links.map(\.group.rawValue))
    while true {
      let first = UInt32.random(in: 1...UInt32.max - UInt32(count))
      let groups = first..<first + UInt32(count)
      if used.allSatisfy({ !groups.contains($0) }) { return groups.map(LinkGroup.init) }
    }
  }
}
