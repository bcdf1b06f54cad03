// SPDX-License-Identifier: MIT
package import Wire

/// Knows the answers to one probe among all packets.
struct Expectation {
  private let flow: ProbeFlow
  private let probe: Fingerprint?
  /// Whether a packet is the one that carries the probe.
  private let carries: (IPPacketView) -> Bool

  /// `outer` is the packet that carries the probe, if there is one.
  init(_ probe: ProbePacket, outer: [UInt8]?) {
    let outer = outer.flatMap { IPPacketView($0) }.flatMap { Fingerprint($0) }
    self.init(probe) { outer != nil && Fingerprint($0) == outer }
  }

  /// What carries the probe is not known, but where it goes, if it is carried at all.
  init(_ probe: ProbePacket, tunnelEnd: IPAddress?) {
    self.init(probe) { $0.destination == tunnelEnd && $0.transportProtocol != $0.source.version.icmp }
  }

  private init(_ probe: ProbePacket, carries: @escaping (IPPacketView) -> Bool) {
    flow = probe.flow
    self.probe = IPPacketView(probe.bytes).flatMap { Fingerprint($0) }
    self.carries = carries
  }

  /// What `packet` answers; nil if it has nothing to do with the probe.
  func answer(in packet: IPPacketView) -> Answer.Content? {
    flow.reply(in: packet) ?? problem(in: packet)
  }

  private func problem(in packet: IPPacketView) -> Answer.Content? {
    let version = packet.source.version
    guard packet.transportProtocol == version.icmp,
      let header = packet.header({ bytes throws(Malformation) in try ICMPHeader(parsing: bytes) }),
      let kind = ICMPProblem.Kind(header, version),
      let quoted = IPPacketView(packet.payload.dropFirst(ICMPHeader.size))
    else { return nil }
    let isAboutTunnel = carries(quoted)
    guard isAboutTunnel || probe != nil && Fingerprint(quoted) == probe else { return nil }
    return .problem(ICMPProblem(kind: kind, isAboutTunnel: isAboutTunnel))
  }
}

extension ProbeFlow {
  /// What whoever was asked says in `packet`; nil if that is something else.
  fileprivate func reply(in packet: IPPacketView) -> Answer.Content? {
    guard packet.source == destination, packet.destination == source, packet.transportProtocol == transportProtocol
    else { return nil }
    switch question {
    case .connection(let source, let destination):
      let tcp = packet.header { bytes throws(Malformation) in try TCPHeader(parsing: bytes) }
      guard let tcp, tcp.sourcePort == destination, tcp.destinationPort == source else { return nil }
      return tcp.flags.reply
    case .datagram(let source, let destination):
      let udp = packet.header { bytes throws(Malformation) in try UDPHeader(parsing: bytes) }
      return udp?.sourcePort == destination && udp?.destinationPort == source ? .datagram : nil
    case .echo(let identifier, let sequence):
      let icmp = packet.header { bytes throws(Malformation) in try ICMPHeader(parsing: bytes) }
      let isReply = icmp?.type == (version == .v6 ? ICMPv6Type.echoReply : ICMPType.echoReply)
      return isReply && icmp?.rest == UInt32(identifier) << 16 | UInt32(sequence) ? .echo : nil
    }
  }
}

extension TCPHeader.Flags {
  /// What a segment with them says to a SYN.
  fileprivate var reply: Answer.Content? {
    if has(.reset) { return .refused }
    return isSuperset(of: [.synchronize, .acknowledge]) ? .accepted : nil
  }
}

extension IPVersion {
  package var icmp: TransportProtocol { self == .v6 ? .icmpv6 : .icmp }
}

extension IPPacketView {
  /// What `parse` reads at the start of the payload.
  package func header<Header>(_ parse: (PacketBytes) throws(Malformation) -> Header) -> Header? {
    var payload = payload
    return try? payload.withPacketBytes(parse)
  }
}
