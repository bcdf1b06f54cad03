// SPDX-License-Identifier: MIT
import Balancing
import Health
import Probing
import Wire

/// Makes the probes of a target's rounds.
struct ProbeFactory {
  let target: CheckTarget
  /// The first of the ports that are held.
  let firstPort: UInt16

  /// The first retransmission time-out: a few of them fit into a round.
  private static let retransmission = Duration.milliseconds(250)

  private var retransmission: Duration { min(Self.retransmission, target.check.timeout / 4) }

  /// The probe of `lane` in the round of this number.
  func probe(_ lane: Lane, turn: Int) -> any Probe {
    lane.isFullSize ? fullSizeProbe(lane, turn) : smallProbe(lane, turn)
  }

  private func smallProbe(_ lane: Lane, _ turn: Int) -> any Probe {
    switch target.check.question {
    case .echo: return echo(lane, turn, size: 0)
    case .dns(let question): return dns(question, lane, turn)
    case .tcp, .http, .https, .tls, .command:
      let conversation = conversation(for: target.check.question, host: "\(lane.way.destination)")
      return ConnectionProbe(parameters(lane), ports(turn), conversation: conversation)
    }
  }

  /// A SYN where the service has a port of TCP, and else an ICMP echo.
  private func fullSizeProbe(_ lane: Lane, _ turn: Int) -> any Probe {
    let size = size(lane.way)
    guard target.transportProtocol == .tcp, target.port > 0 else { return echo(lane, turn, size: size) }
    var parameters = parameters(lane)
    parameters.padding = max(size - lane.way.headerSize - TCPClient.openingHeaderSize, 0)
    return ConnectionProbe(parameters, ports(turn), conversation: nil, takesRefusal: true)
  }

  /// Bytes of a full-size probe.
  func size(_ way: ProbeWay) -> Int {
    if case .bytes(let bytes) = target.check.fullSize { return bytes }
    return min(way.largestPacket, ProbeTag.byteLimit)
  }

  private func parameters(_ lane: Lane) -> TCPClient.Parameters {
    let headers = lane.way.headerSize + TCPHeader.size
    return TCPClient.Parameters(
      initialSequence: lane.tag.initialSequence, largestPayload: max(lane.way.largestPacket - headers, 1),
      announcedPayload: UInt16(max(lane.way.returnMTU - headers, 1)), retransmission: retransmission)
  }

  /// Another one in each round: a real server may remember the last.
  private func ports(_ turn: Int) -> ConnectionProbe.PortPair {
    ConnectionProbe.PortPair(own: firstPort | UInt16(turn & Int(HeldPorts.count - 1)), other: target.port)
  }

  private func dns(_ question: DNSQuestion, _ lane: Lane, _ turn: Int) -> ExchangeProbe {
    // The tag's last bits are the port's.
    let ports = ports(turn << 2 | Int(lane.tag.remainder))
    let identifier = lane.tag.identifier
    return .dns(DNSExchange(question, id: identifier), ports, identifier: identifier, retransmission: retransmission)
  }

  private func echo(_ lane: Lane, _ turn: Int, size: Int) -> ExchangeProbe {
    .echo(
      lane.way.destination.version, lane.tag, turn: UInt16(turn & 0x3FFF),
      padding: max(size - lane.way.headerSize - ICMPHeader.size, 0), retransmission: retransmission)
  }
}
