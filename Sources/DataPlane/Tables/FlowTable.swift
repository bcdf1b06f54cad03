// SPDX-License-Identifier: MIT
public import Wire

/// One client's connection to one service. 24 bytes.
public struct FlowKey: Hashable, Sendable, BitwiseCopyable {
  public let clientHigh: UInt64
  public let clientLow: UInt64
  public let serviceIndex: UInt32
  public let clientPort: UInt16
  private let zero16: UInt16 = 0

  @inline(__always)
  public init(client: IPv6Address, clientPort: UInt16, serviceIndex: UInt32) {
    self.clientHigh = client.high
    self.clientLow = client.low
    self.serviceIndex = serviceIndex
    self.clientPort = clientPort
  }
}

/// Where a flow of an unsettled slot goes. 8 bytes.
public struct Flow: Hashable, Sendable, BitwiseCopyable {
  public var destination: DestinationIndex
  public var lastSeen: Tick

  @inline(__always)
  public init(destination: DestinationIndex, lastSeen: Tick) {
    self.destination = destination
    self.lastSeen = lastSeen
  }
}
