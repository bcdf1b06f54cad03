// SPDX-License-Identifier: MIT
public import DataPlane
public import Wire

/// A machine that answers clients: named once, used by any number of services.
public struct RealServer: Hashable, Sendable {
  /// What the configuration calls it.
  public var name: String
  /// Where encapsulated packets go: the outer destination.
  public var address: IPAddress
  public var encapsulation: Encapsulation
  /// The site it stands in, for people.
  public var site: String?
  public var administrativeState: AdministrativeState

  public init(
    name: String, address: IPAddress, encapsulation: Encapsulation, site: String? = nil,
    administrativeState: AdministrativeState = .up
  ) {
    self.name = name
    self.address = address
    self.encapsulation = encapsulation
    self.site = site
    self.administrativeState = administrativeState
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

/// A virtual address, protocol and port, and the real servers behind it.
public struct Service: Hashable, Sendable {
  /// What the configuration calls it.
  public var name: String
  /// The virtual address (VIP).
  public var address: IPAddress
  public var port: UInt16
  public var transportProtocol: TransportProtocol
  public var tracking: Tracking
  /// A slot settles when nobody but its owner was sent a packet for so long.
  public var idleTimeout: Duration
  /// How long a server that was taken out keeps the flows it has.
  public var drainTimeout: Duration
  public var members: [Member]

  public init(
    name: String, address: IPAddress, port: UInt16, transportProtocol: TransportProtocol, tracking: Tracking,
    idleTimeout: Duration, drainTimeout: Duration, members: [Member]
  ) {
    self.name = name
    self.address = address
    self.port = port
    self.transportProtocol = transportProtocol
    self.tracking = tracking
    self.idleTimeout = idleTimeout
    self.drainTimeout = drainTimeout
    self.members = members
  }
}
