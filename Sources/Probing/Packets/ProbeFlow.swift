// SPDX-License-Identifier: MIT
public import Wire

/// What a probe asks, whom, and on whose behalf: what its answer is known by.
public struct ProbeFlow: Hashable, Sendable {
  public var source: IPAddress
  /// Of the same family as `source`.
  public var destination: IPAddress
  public var question: Question

  /// What is asked.
  public enum Question: Hashable, Sendable {
    /// For a TCP connection between these ports.
    case connection(from: UInt16, to: UInt16)
    /// By a UDP datagram between these ports, for whatever the server may answer.
    case datagram(from: UInt16, to: UInt16)
    /// For an echo.
    case echo(identifier: UInt16, sequence: UInt16)
  }

  public init(from source: IPAddress, to destination: IPAddress, _ question: Question) {
    self.source = source
    self.destination = destination
    self.question = question
  }

  var version: IPVersion { destination.version }

  var envelope: IPEnvelope { IPEnvelope(from: source, to: destination, transportProtocol) }

  var transportProtocol: TransportProtocol {
    switch question {
    case .connection: .tcp
    case .datagram: .udp
    case .echo: version == .v6 ? .icmpv6 : .icmp
    }
  }
}
