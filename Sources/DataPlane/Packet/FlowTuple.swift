// SPDX-License-Identifier: MIT
public import Wire

/// A client's flow to a virtual address: what services are found by, and flows are told apart by.
public struct FlowTuple: Hashable, Sendable {
  /// IPv4 addresses are mapped.
  public var client: IPv6Address
  public var clientPort: UInt16
  /// The virtual address.
  public var address: IPv6Address
  public var port: UInt16
  public var transportProtocol: TransportProtocol

  /// Ports are 0 where the protocol has none, or they are not known: in later fragments.
  @inline(__always)
  public init(
    client: IPv6Address, clientPort: UInt16, address: IPv6Address, port: UInt16, transportProtocol: TransportProtocol
  ) {
    self.client = client
    self.clientPort = clientPort
    self.address = address
    self.port = port
    self.transportProtocol = transportProtocol
  }

  @inline(__always)
  var serviceKey: ServiceKey {
    ServiceKey(address: address, port: port, transportProtocol: transportProtocol)
  }

  /// The flow of which all that is known is the addresses.
  @inline(__always)
  var withoutPorts: FlowTuple {
    FlowTuple(client: client, clientPort: 0, address: address, port: 0, transportProtocol: transportProtocol)
  }
}
