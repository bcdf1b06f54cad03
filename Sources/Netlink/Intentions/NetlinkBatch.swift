// SPDX-License-Identifier: MIT
import SystemPackage

/// Changes to be made together: many in one system call, one after the other, each acknowledged.
///
/// See ``NetlinkConnection/commit(_:)`` for what happens when one is refused.
public struct NetlinkBatch: Hashable, Sendable {
  /// In the order they were added, which is the order they are made in.
  private(set) var requests: [Request] = []
  /// Places of those that go to the kernel in one system call with the one before: nobody can end us in between.
  private var joined: Set<Int> = []

  public init() {}

  public var count: Int { requests.count }
  public var isEmpty: Bool { requests.isEmpty }

  /// As ``NetlinkConnection/createLink(_:_:_:)``, but without the alias, which the kernel takes only for a link that is
  /// there: ``NetlinkConnection/createLinks(_:)`` gives it one at once.
  public mutating func createLink(
    _ name: String, _ info: LinkInfo, _ settings: LinkSettings = LinkSettings()
  ) throws(NetlinkError) {
    requests.append(try .createLink(name, info, settings))
  }

  /// Makes the only link of `group`, and gives it its alias, if it is made: by the group, as the name may be that of
  /// another link, and the number is not known.
  mutating func createLink(_ link: NewLink, aloneIn group: LinkGroup) throws(NetlinkError) {
    var settings = link.settings
    settings.group = group
    try createLink(link.name, link.info, settings)
    guard let alias = settings.alias else { return }
    joined.insert(requests.count)
    requests.append(try .setLinks(in: group, LinkSettings(alias: alias), "describe link \"\(link.name)\""))
  }

  /// As ``NetlinkConnection/changeLink(_:_:_:)``.
  public mutating func changeLink(
    _ index: InterfaceIndex, _ info: LinkInfo, _ settings: LinkSettings = LinkSettings()
  ) throws(NetlinkError) {
    requests.append(try .changeLink(index, info, settings))
  }

  /// As ``NetlinkConnection/setLink(_:_:)``.
  public mutating func setLink(_ index: InterfaceIndex, _ settings: LinkSettings) throws(NetlinkError) {
    requests.append(try .setLink(index, settings))
  }

  /// As ``NetlinkConnection/addAddress(_:)``.
  public mutating func addAddress(_ address: InterfaceAddress) throws(NetlinkError) {
    requests.append(try .addAddress(address, replacing: false))
  }

  /// As ``NetlinkConnection/deleteAddress(_:)``.
  public mutating func deleteAddress(_ address: InterfaceAddress) throws(NetlinkError) {
    requests.append(try .deleteAddress(address))
  }

  /// As ``NetlinkConnection/addRoute(_:)``.
  public mutating func addRoute(_ route: Route) throws(NetlinkError) {
    requests.append(try .addRoute(route, replacing: false))
  }

  /// As ``NetlinkConnection/deleteRoute(_:)``.
  public mutating func deleteRoute(_ route: Route) throws(NetlinkError) {
    requests.append(try .deleteRoute(route))
  }

  /// As ``NetlinkConnection/addNeighbour(_:)``.
  public mutating func addNeighbour(_ neighbour: Neighbour) throws(NetlinkError) {
    requests.append(try .addNeighbour(neighbour, replacing: false))
  }

  /// As ``NetlinkConnection/deleteNeighbour(_:)``.
  public mutating func deleteNeighbour(_ neighbour: Neighbour) throws(NetlinkError) {
    requests.append(try .deleteNeighbour(neighbour))
  }
}

extension NetlinkBatch {
  /// What one system call takes. The acknowledgements, of about 1 KiB each in the kernel's account, must fit into the
  /// receive buffer of the connection, by default 208 KiB; the bytes into its send buffer, of the same size.
  private static let datagramLimit = (requests: 64, bytes: 32_768)

  /// Divides the requests into datagrams.
  var datagrams: [Range<Int>] {
    var datagrams: [Range<Int>] = []
    var start = 0
    var bytes = 0
    for (position, request) in requests.enumerated() {
      let isFull = position - start >= Self.datagramLimit.requests
      let isLong = position > start && bytes + request.bytes.count > Self.datagramLimit.bytes
      if isFull || isLong, !joined.contains(position) {
        datagrams.append(start..<position)
        (start, bytes) = (position, 0)
      }
      bytes += request.bytes.count
    }
    return start < requests.count ? datagrams + [start..<requests.count] : datagrams
  }
}

/// A batch of which the kernel refused something, and how far it came.
///
/// Each of its changes counts by its place in the batch, from 0.
public struct NetlinkBatchError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The changes that were refused, and why, in their order; at least one.
  public var refusals: [Refusal]
  /// The changes that were made, in their order. What is neither here nor among the refusals was not tried, unless the
  /// error of the last refusal is about the connection itself: then nobody knows.
  public var made: [Int]
  /// How many changes the batch holds.
  public var count: Int

  /// A change that was not made.
  public struct Refusal: Hashable, Sendable {
    public var position: Int
    public var error: NetlinkError
  }

  /// What the kernel said about the first change that it refused.
  public var first: NetlinkError {
    guard let refusal = refusals.first else { preconditionFailure("a batch fails only with a refusal") }
    return refusal.error
  }

  public var description: String { "\(first); of \(count) changes, \(made.count) were made" }
}
