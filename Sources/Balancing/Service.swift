// SPDX-License-Identifier: MIT
public import DataPlane
public import Wire

/// A machine that answers clients: named once, used by any number of services.
public struct RealServer: Hashable, Sendable {
  /// What the configuration calls it.
  public var name: String
  /// Where encapsulated packets go: the outer destination.
  public var address: IPAddress
  /// How clients' packets travel to it.
  public var outer: OuterHeader
  /// The site it stands in, for people.
  public var site: String?
  public var administrativeState: AdministrativeState

  public init(
    name: String, address: IPAddress, outer: OuterHeader, site: String? = nil,
    administrativeState: AdministrativeState = .up
  ) {
    self.name = name
    self.address = address
    self.outer = outer
    self.site = site
    self.administrativeState = administrativeState
  }

  /// A real server with an outer header as it is where nobody chooses anything.
  public init(
    name: String, address: IPAddress, encapsulation: Encapsulation, site: String? = nil,
    administrativeState: AdministrativeState = .up
  ) {
    self.init(
      name: name, address: address, outer: OuterHeader(encapsulation), site: site,
      administrativeState: administrativeState)
  }
}

/// What an operator wants of a real server.
public enum AdministrativeState: String, Hashable, Sendable, CaseIterable {
  /// Takes its share of new flows.
  case up
  /// Takes no new flows; those it has go on.
  case drain
  /// Takes nothing: its flows are handed over at once.
  case down
}

/// A real server's part in one service.
public struct Member: Hashable, Sendable {
  public var server: RealServer
  /// The share of new flows, relative to the other members'; 1 to 65,535.
  public var weight: Int

  public init(server: RealServer, weight: Int = 1) {
    self.server = server
    self.weight = weight
  }
}

/// Virtual addresses, a protocol and ports, and the real servers behind them.
public struct Service: Hashable, Sendable {
  /// What the configuration calls it.
  public var name: String
  /// The packets it is for.
  public var match: ServiceMatch
  public var tracking: Tracking
  public var affinity: Affinity
  /// Whether all fragments of a packet fall into the slot of their addresses, so that none need be remembered.
  public var hashesFragments: Bool
  /// A slot settles when nobody but its owner was sent a packet for so long; a flow that is tracked always is forgotten
  /// when it was silent for so long.
  public var idleTimeout: Duration
  /// How long a server that was taken out keeps the flows it has.
  public var drainTimeout: Duration
  public var members: [Member]

  public init(
    name: String, match: ServiceMatch, tracking: Tracking, affinity: Affinity = .flow, hashesFragments: Bool = false,
    idleTimeout: Duration, drainTimeout: Duration, members: [Member]
  ) {
    self.name = name
    self.match = match
    self.tracking = tracking
    self.affinity = affinity
    self.hashesFragments = hashesFragments
    self.idleTimeout = idleTimeout
    self.drainTimeout = drainTimeout
    self.members = members
  }

  /// A service of one address and one port.
  public init(
    name: String, address: IPAddress, port: UInt16, transportProtocol: TransportProtocol, tracking: Tracking,
    idleTimeout: Duration, drainTimeout: Duration, members: [Member]
  ) {
    self.init(
      name: name, match: ServiceMatch(address: address, port: port, transportProtocol: transportProtocol),
      tracking: tracking, idleTimeout: idleTimeout, drainTimeout: drainTimeout, members: members)
  }
}
