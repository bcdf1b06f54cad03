// SPDX-License-Identifier: MIT
import Wire

/// A frame with an IP packet in it, and what the packet says that matters to the decision.
struct Datagram {
  let link: LinkHeader
  private let linkSize: Int
  let packet: IPPacket
  /// The flow that the packet belongs to, or is about.
  let flow: FlowTuple
  let kind: Kind

  enum Kind {
    /// A packet of a client.
    case ordinary
    /// A later fragment: `flow` has no ports.
    case laterFragment
    /// An ICMP error about a packet of `flow` that went to the client.
    case error
    case echoRequest
    /// Any other message of ICMP.
    case control
  }

  /// The fields that TCP, UDP, UDP-Lite and SCTP have in common.
  private enum Ports: Int {
    case source = 0
    case destination = 2

    static var size: Int { 4 }
  }

  /// Reads the frame up to the ports.
  ///
  /// - Throws: the verdict on a frame that no service can be found for.
  @inline(always)
  init(parsing frame: PacketBytes) throws(Verdict) {
    guard let link = try? LinkHeader(parsing: frame) else { throw .truncatedFrame }
    guard link.type == .ipv4 || link.type == .ipv6 else { throw .notIP }
    let isIPv6 = link.type == .ipv6
    let bytes = frame.dropping(link.size)
    guard let packet = try? IPPacket(parsing: bytes, isIPv6: isIPv6) else { throw .malformedIP }
    self.link = link
    self.linkSize = link.size
    self.packet = packet
    let transport = bytes.dropping(packet.headerLength)
    if packet.transportProtocol == (isIPv6 ? .icmpv6 : .icmp) {
      (kind, flow) = try Self.control(packet, transport)
    } else {
      kind = packet.fragment.isFirst ? .ordinary : .laterFragment
      flow = try Self.flow(of: packet, transport)
    }
  }

  // What is known of a length is said again here, after it was forgotten.

  /// Where the IP packet stands in the frame.
  @inline(always) var networkOffset: Int { linkSize & 0x1F }

  /// Where the transport header stands in the frame.
  @inline(always) var transportOffset: Int { networkOffset &+ (packet.headerLength & 0x3FFF) }

  /// Bytes of the VLAN tags.
  @inline(always) var tagsSize: Int { networkOffset &- EthernetHeader.size }

  @inline(always)
  private static func flow(of packet: IPPacket, _ transport: PacketBytes) throws(Verdict) -> FlowTuple {
    var flow = FlowTuple(
      client: packet.source, clientPort: 0, address: packet.destination, port: 0,
      transportProtocol: packet.transportProtocol)
    guard packet.transportProtocol.hasPorts, packet.fragment.isFirst else { return flow }
    guard packet.transportLength >= Ports.size, transport.holds(Ports.size) else { throw .malformedIP }
    flow.clientPort = transport.load(Ports.source)
    flow.port = transport.load(Ports.destination)
    return flow
  }

  /// What a message of ICMP is about. A fragment of one is about nothing: its end is not there, or its beginning.
  @inline(always)
  private static func control(_ packet: IPPacket, _ message: PacketBytes) throws(Verdict) -> (Kind, FlowTuple) {
    let addresses = FlowTuple(
      client: packet.source, clientPort: 0, address: packet.destination, port: 0,
      transportProtocol: packet.transportProtocol)
    guard !packet.fragment.isFragment else { return (.control, addresses) }
    guard packet.transportLength >= ICMPHeader.size, let header = try? ICMPHeader(parsing: message) else {
      throw .malformedIP
    }
    if header.type == (packet.isIPv6 ? ICMPv6Type.echoRequest : ICMPType.echoRequest) && header.code == 0 {
      return (.echoRequest, addresses)
    }
    guard packet.isIPv6 ? ICMPv6Type.isError(header.type) : ICMPType.isError(header.type),
      let flow = quotedFlow(message.dropping(ICMPHeader.size), in: packet)
    else { return (.control, addresses) }
    return (.error, flow)
  }

  /// The flow that a quoted packet belongs to: it went from the service to the client.
  ///
  /// The ports are in the first four of the eight bytes that RFC 792 has quoted. Nil for what is no such packet.
  @inline(always)
  private static func quotedFlow(_ bytes: PacketBytes, in packet: IPPacket) -> FlowTuple? {
    guard let quoted = try? IPPacket(parsingQuoted: bytes, isIPv6: packet.isIPv6),
      quoted.source == packet.destination
    else { return nil }
    var flow = FlowTuple(
      client: quoted.destination, clientPort: 0, address: quoted.source, port: 0,
      transportProtocol: quoted.transportProtocol)
    guard quoted.transportProtocol.hasPorts else { return flow }
    let transport = bytes.dropping(quoted.headerLength)
    guard quoted.fragment.isFirst, transport.holds(Ports.size) else { return nil }
    flow.clientPort = transport.load(Ports.destination)
    flow.port = transport.load(Ports.source)
    return flow
  }

  /// Checks the transport header and says whether it opens a connection. Only TCP has such a mark.
  @inline(always)
  func opensConnection(in frame: PacketBytes) throws(Verdict) -> Bool {
    guard kind == .ordinary else { return false }
    guard packet.transportProtocol == .tcp else {
      guard packet.transportProtocol != .udp || packet.transportLength >= UDPHeader.size else {
        throw .truncatedTransport
      }
      return false
    }
    guard packet.transportLength >= TCPHeader.size,
      let tcp = try? TCPHeader(parsing: frame.dropping(transportOffset))
    else { throw .truncatedTransport }
    return tcp.flags.opensConnection
  }
}
