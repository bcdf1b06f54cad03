// SPDX-License-Identifier: MIT
import Health
import Probing
import Wire

/// Asks for a TCP connection, and holds a conversation in it where there is one.
///
/// Without a conversation it ends with the answer to the SYN: the connection is never complete, and the service not
/// bothered with it.
struct ConnectionProbe: Probe {
  private var client: TCPClient
  private var conversation: (any StreamConversation)?
  private let ports: PortPair
  /// Whether a reset is as good as an acceptance: where only the size of the packet matters.
  private let takesRefusal: Bool
  /// Bytes of the conversation so far.
  private var sent = 0

  var transportProtocol: TransportProtocol { .tcp }
  var otherPort: UInt16? { ports.other }
  var deadline: Instant? { client.deadline }

  /// The ports of a connection.
  struct PortPair: Hashable {
    var own: UInt16
    var other: UInt16
  }

  init(
    _ parameters: TCPClient.Parameters, _ ports: PortPair, conversation: (any StreamConversation)?,
    takesRefusal: Bool = false
  ) {
    client = TCPClient(parameters)
    self.ports = ports
    self.conversation = conversation
    self.takesRefusal = takesRefusal
  }

  mutating func begin(at now: Instant) -> ProbeStep {
    client.open(at: now)
    return step()
  }

  func isAnswer(_ payload: [UInt8]) -> Bool {
    guard payload.number(at: 2) == ports.own, let segment = TCPSegment(parsing: payload) else { return false }
    return client.isOpening && client.isAnswerToOpening(segment)
  }

  mutating func receive(_ payload: [UInt8], at now: Instant) -> ProbeStep {
    guard let segment = TCPSegment(parsing: payload), let port: UInt16 = payload.number(at: 2) else {
      return ProbeStep()
    }
    guard port == ports.own else { return refuse(segment, at: port) }
    var ending: Result<Void, CheckFailure>?
    for event in client.receive(segment, at: now) where ending == nil { ending = react(to: event, at: now) }
    return step(ending)
  }

  /// Of an earlier round, which has ended.
  private func refuse(_ segment: TCPSegment, at port: UInt16) -> ProbeStep {
    ProbeStep(payloads: segment.refusal.map { [$0.bytes(from: port, to: ports.other)] } ?? [])
  }

  mutating func passTime(to now: Instant) -> ProbeStep {
    client.retransmit(at: now)
    return step()
  }

  mutating func stop() -> ProbeStep {
    client.abort()
    return step()
  }

  var progress: String {
    client.isOpening ? "no answer" : "connected, and then no whole answer"
  }

  private mutating func step(_ ending: Result<Void, CheckFailure>? = nil) -> ProbeStep {
    if ending != nil { client.abort() }
    return ProbeStep(payloads: client.takeSegments().map { $0.bytes(from: ports.own, to: ports.other) }, ending: ending)
  }

  private mutating func react(to event: TCPClient.Event, at now: Instant) -> Result<Void, CheckFailure>? {
    switch event {
    case .refused: return takesRefusal ? .success(()) : .failure(CheckFailure(.refused, "reset"))
    case .reset: return .failure(CheckFailure(.reset, "reset after the connection was accepted"))
    case .established: return follow(conversation?.begin(), at: now) ?? (conversation == nil ? .success(()) : nil)
    case .received(let bytes): return follow(conversation?.receive(bytes), at: now)
    case .ended: return follow(conversation?.end(), at: now)
    }
  }

  private mutating func follow(_ step: ConversationStep?, at now: Instant) -> Result<Void, CheckFailure>? {
    guard let step else { return nil }
    sent += step.send.count
    // Beyond that, answers would not be known for this probe's.
    guard sent <= ProbeTag.byteLimit else {
      return .failure(CheckFailure(.local, "the check has more than \(ProbeTag.byteLimit) bytes to say"))
    }
    client.send(step.send, at: now)
    return step.ending
  }
}
