// SPDX-License-Identifier: MIT
import Health
import Probing
import Wire

/// Asks by one packet, again and again, for one that answers.
struct ExchangeProbe: Probe {
  let transportProtocol: TransportProtocol
  private(set) var otherPort: UInt16?
  private(set) var deadline: Instant?
  private let question: [UInt8]
  /// What a payload says; nil if it answers something else.
  private let verdict: ([UInt8]) -> Result<Void, CheckFailure>?
  private var timeout: Duration

  /// `retransmission` is the first time-out; each one after it is twice as long.
  private init(
    _ transportProtocol: TransportProtocol, _ question: [UInt8], retransmission: Duration,
    verdict: @escaping ([UInt8]) -> Result<Void, CheckFailure>?
  ) {
    self.transportProtocol = transportProtocol
    self.question = question
    self.verdict = verdict
    timeout = retransmission
  }

  mutating func begin(at now: Instant) -> ProbeStep {
    deadline = now + timeout
    return ProbeStep(payloads: [question])
  }

  func isAnswer(_ payload: [UInt8]) -> Bool { verdict(payload) != nil }

  mutating func receive(_ payload: [UInt8], at now: Instant) -> ProbeStep {
    guard let ending = verdict(payload) else { return ProbeStep() }
    deadline = nil
    return ProbeStep(ending: ending)
  }

  mutating func passTime(to now: Instant) -> ProbeStep {
    guard let deadline, deadline <= now else { return ProbeStep() }
    timeout *= 2
    return begin(at: now)
  }

  mutating func stop() -> ProbeStep {
    deadline = nil
    return ProbeStep()
  }

  var progress: String { "no answer" }
}

extension ExchangeProbe {
  /// For an ICMP echo, with so many bytes behind its header.
  static func echo(_ version: IPVersion, _ tag: ProbeTag, turn: UInt16, padding: Int, retransmission: Duration) -> Self
  {
    let rest = UInt32(tag.identifier) << 16 | UInt32(tag.remainder << 14 | turn & 0x3FFF)
    let header = ICMPHeader(
      type: version == .v6 ? ICMPv6Type.echoRequest : ICMPType.echoRequest, code: 0, rest: rest)
    let question = [UInt8].emitting(ICMPHeader.size) { header.emit(into: $0) } + [UInt8](repeating: 0, count: padding)
    return Self(version.icmp, question, retransmission: retransmission) { payload in
      guard payload.number(at: 4, as: UInt32.self) == rest else { return nil }
      return .success(())
    }
  }

  /// By a DNS query between these ports.
  static func dns(
    _ exchange: DNSExchange, _ ports: ConnectionProbe.PortPair, identifier: UInt16, retransmission: Duration
  ) -> Self {
    let header = UDPHeader(sourcePort: ports.own, destinationPort: ports.other, length: 0)
    let question = [UInt8].emitting(UDPHeader.size) { header.emit(into: $0) } + exchange.query
    var probe = Self(.udp, question, retransmission: retransmission) { payload in
      let message = Array(payload.dropFirst(UDPHeader.size))
      guard payload.number(at: 2) == ports.own, message.number(at: 0) == identifier else { return nil }
      return exchange.verdict(on: message).map { .failure($0) } ?? .success(())
    }
    probe.otherPort = ports.other
    return probe
  }
}
