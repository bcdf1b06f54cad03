// SPDX-License-Identifier: MIT
public import Wire

/// A service to be asked through a tunnel.
public struct ProbedService: Hashable, Sendable {
  public var name: String
  public var virtualAddress: IPAddress
  /// 0 for a protocol without ports.
  public var port: UInt16
  public var transportProtocol: TransportProtocol

  public init(name: String, virtualAddress: IPAddress, port: UInt16, transportProtocol: TransportProtocol) {
    self.name = name
    self.virtualAddress = virtualAddress
    self.port = port
    self.transportProtocol = transportProtocol
  }

  /// What it is asked, one after the other until something comes back.
  ///
  /// A SYN is answered by every host that has the address, be it with a reset. It tells of the tunnel where the service's own
  /// protocol does not have to answer, or is one that we do not speak.
  func questions(from source: UInt16) -> [ProbeFlow.Question] {
    let connection = ProbeFlow.Question.connection(from: source, to: max(port, 1))
    return transportProtocol == .udp ? [.datagram(from: source, to: port), connection] : [connection]
  }

  /// What an answer to `question` says of the service.
  func outcome(_ outcome: Outcome, for question: ProbeFlow.Question) -> Outcome {
    guard transportProtocol != .tcp, case .connection = question else { return outcome }
    return outcome.stage >= .decapsulated ? .unanswered : outcome
  }
}
