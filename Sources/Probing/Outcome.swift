// SPDX-License-Identifier: MIT
public import Wire

/// What became of a probe through a tunnel to a real server.
public enum Outcome: Hashable, Sendable {
  /// Nothing was sent: why.
  case unrouted(String)
  /// Nothing came back, and the real server does not answer a ping either.
  case silent
  /// A router sent it back.
  case stopped(ICMPProblem.Kind, by: IPAddress)
  /// Nothing came back, though the real server answers pings.
  case swallowed
  /// The real server has no such tunnel.
  case tunnelRefused(ICMPProblem.Kind)
  /// The virtual address answers, and nobody listens at the port.
  case refused
  /// The virtual address answers, and the service, whose protocol need not answer, does not.
  case unanswered
  case answered

  public var stage: Stage {
    switch self {
    case .unrouted: .unrouted
    case .silent, .stopped: .routed
    case .swallowed, .tunnelRefused: .arrived
    case .refused, .unanswered: .decapsulated
    case .answered: .answered
    }
  }

  /// Whether all is well: answered, or at least as far as can be told.
  public var isGood: Bool { self == .answered || self == .unanswered }
}

extension Outcome {
  /// What an answer means; `server` is the real server's address.
  init(_ answer: Answer, server: IPAddress) {
    switch answer.content {
    case .accepted, .datagram, .echo: self = .answered
    case .refused: self = .refused
    case .problem(let problem): self.init(problem, from: answer.source, server: server)
    }
  }

  private init(_ problem: ICMPProblem, from source: IPAddress, server: IPAddress) {
    switch problem.kind {
    case .portUnreachable where !problem.isAboutTunnel: self = .refused
    case .portUnreachable, .protocolUnreachable: self = .tunnelRefused(problem.kind)
    case .prohibited where source == server: self = .tunnelRefused(problem.kind)
    default: self = .stopped(problem.kind, by: source)
    }
  }
}
