// SPDX-License-Identifier: MIT
public import Wire

/// What a client's packet says that matters to the decision.
public struct Datagram {
  public let client: IPv6Address
  public let clientPort: UInt16
  public let destination: IPv6Address
  public let port: UInt16
  public let transportProtocol: TransportProtocol
  public let trafficClass: UInt8
  /// Bytes of the IP packet.
  public let totalLength: UInt16
  /// Bytes of Ethernet and IP header: where the transport header stands in the frame.
  private let transportOffset: Int
  /// Bytes of transport header and payload.
  private let transportLength: Int

  /// The fields that TCP and UDP have in common.
  private enum Ports: Int {
    case source = 0
    case destination = 2

    static var size: Int { 4 }
  }

  /// Reads the frame up to the ports.
  ///
  /// - Throws: the verdict on a frame that no service can be found for.
  @inline(__always)
  init(parsing frame: PacketBytes) throws(Verdict) {
    guard let ethernet = try? EthernetHeader(parsing: frame) else { throw .truncatedFrame }
    guard ethernet.type == .ipv4 else { throw .notIPv4 }
    guard let ip = try? IPv4Header(parsing: frame.dropping(EthernetHeader.size)) else { throw .malformedIPv4 }
    guard !ip.fragment.isFragment else { throw .fragment }
    guard ip.transportProtocol == .tcp || ip.transportProtocol == .udp else { throw .unbalancedProtocol }
    self.transportOffset = EthernetHeader.size &+ ip.headerLength
    self.transportLength = Int(ip.totalLength) &- ip.headerLength
    let transport = frame.dropping(transportOffset)
    guard transportLength >= Ports.size, transport.holds(Ports.size) else { throw .malformedIPv4 }
    self.client = IPv6Address(mapping: ip.source)
    self.clientPort = transport.load(Ports.source)
    self.destination = IPv6Address(mapping: ip.destination)
    self.port = transport.load(Ports.destination)
    self.transportProtocol = ip.transportProtocol
    self.trafficClass = ip.trafficClass
    self.totalLength = ip.totalLength
  }

  @inline(__always)
  var serviceKey: ServiceKey {
    ServiceKey(address: destination, port: port, transportProtocol: transportProtocol)
  }

  /// Checks the transport header and says whether it opens a connection. UDP has no such mark.
  @inline(__always)
  func opensConnection(in frame: PacketBytes) throws(Verdict) -> Bool {
    let transport = frame.dropping(transportOffset)
    guard transportProtocol == .tcp else {
      guard transportLength >= UDPHeader.size else { throw .truncatedTransport }
      return false
    }
    guard transportLength >= TCPHeader.size, let tcp = try? TCPHeader(parsing: transport) else {
      throw .truncatedTransport
    }
    return tcp.flags.opensConnection
  }
}
