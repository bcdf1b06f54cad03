// SPDX-License-Identifier: MIT
public import DataPlane
public import Wire

/// A real server as one service uses it: a row of the destination table, and what the control plane knows besides.
public struct DestinationState: Hashable, Sendable {
  public let service: ServiceMatch
  /// Together with `service`, who it is.
  public let address: IPAddress
  /// The configuration's name; after a restart nil for a server that the configuration does not name any more.
  public internal(set) var name: String?
  public internal(set) var site: String?
  public internal(set) var weight: Int
  public internal(set) var outer: OuterHeader
  public internal(set) var lifecycle: Lifecycle
  /// Whether the configuration has it. If not, it is released as soon as it is down.
  public internal(set) var isConfigured: Bool
  /// What the table has.
  public internal(set) var row: Destination

  /// A server that the table does not have yet.
  init(_ member: Member, service: ServiceMatch) {
    self.service = service
    self.address = member.server.address
    self.weight = member.weight
    self.outer = member.server.outer
    self.lifecycle = .down
    self.isConfigured = true
    self.row = .vacant
  }

  /// A server that the table has and, as far as is known, the configuration has not.
  init(restoring row: Destination, service: ServiceMatch) {
    self.service = service
    self.address = IPAddress(mapped: row.outerDestination)
    self.weight = 1
    self.outer = row.outer
    self.lifecycle = row.serves ? .serving : .down
    self.isConfigured = false
    self.row = row
  }

  /// Takes over what the configuration calls it.
  mutating func describe(_ member: Member) {
    name = member.server.name
    site = member.server.site
    weight = member.weight
    outer = member.server.outer
    isConfigured = true
  }

  mutating func configure(_ member: Member, now: Tick, drainTimeout: UInt32) {
    describe(member)
    lifecycle = lifecycle.following(member.part, now: now, drainTimeout: drainTimeout)
  }

  /// The configuration has it no more.
  mutating func dismiss(now: Tick, drainTimeout: UInt32) {
    isConfigured = false
    lifecycle = lifecycle.following(.draining, now: now, drainTimeout: drainTimeout)
  }

  /// What the table is to have.
  func row(serviceIndex: UInt32, path: Destination.Path?) -> Destination {
    lifecycle.isAlive
      ? Destination(serviceIndex: serviceIndex, address: address, outer: outer, path: path)
      : Destination(down: serviceIndex, address: address, outer: outer)
  }
}

extension Destination {
  /// A row that nobody uses: of service 0.
  static var vacant: Destination {
    Destination(down: 0, address: .v6(IPv6Address(high: 0, low: 0)), outer: OuterHeader(.ipip))
  }

  var isVacant: Bool { serviceIndex == 0 }
}
