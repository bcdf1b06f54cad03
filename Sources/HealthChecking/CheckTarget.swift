// SPDX-License-Identifier: MIT
public import Balancing
public import DataPlane
public import Health
public import Wire

/// Whom a check asks: a real server, at a virtual address. Services that name the same check at the same address share it.
public struct CheckTarget: Hashable, Sendable {
  public var check: HealthCheck
  public var server: RealServer
  /// Where probes in the tunnel are addressed to; the same family as the service.
  public var virtualAddress: IPAddress
  /// 0 for questions without ports.
  public var port: UInt16
  /// Of the service, for the full-size probe.
  public var transportProtocol: TransportProtocol

  public init(
    check: HealthCheck, server: RealServer, virtualAddress: IPAddress, port: UInt16,
    transportProtocol: TransportProtocol
  ) {
    self.check = check
    self.server = server
    self.virtualAddress = virtualAddress
    self.port = port
    self.transportProtocol = transportProtocol
  }

  /// What tells it from other targets while its server or check is configured anew.
  public var identity: Identity {
    Identity(check: check.name, server: server.name, virtualAddress: virtualAddress, port: port)
  }

  /// A target's name.
  public struct Identity: Hashable, Sendable {
    public var check: String
    public var server: String
    public var virtualAddress: IPAddress
    public var port: UInt16

    public init(check: String, server: String, virtualAddress: IPAddress, port: UInt16) {
      self.check = check
      self.server = server
      self.virtualAddress = virtualAddress
      self.port = port
    }
  }
}

/// The way to a real server, as the director knows it.
public enum CheckWay: Hashable, Sendable {
  case path(Destination.Path)
  /// There is none, and why.
  case unreachable(String)
}
