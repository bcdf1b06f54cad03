// SPDX-License-Identifier: MIT

/// What became of a packet: everything but `sent` is counted under its name. `docs/verdicts.md` has a paragraph on each.
///
/// The numbers have no gaps: the compiler would turn a case into its number through a table in memory, and BPF has none.
public enum Verdict: UInt8, Hashable, Sendable, CaseIterable {
  /// On its way to a real server.
  case sent = 0

  // Left to the host's own network stack, because it is not for a service.
  case truncatedFrame = 1
  case notIP = 2
  case malformedIP = 3
  case noService = 4
  case unconfiguredPort = 5
  case unbalancedICMP = 6

  // Dropped: it is for a service, and cannot be delivered.
  case truncatedTransport = 7
  case spoofedSource = 8
  case unmatchedFragment = 9
  case noServer = 10
  case unreachable = 11
  case exceedsMTU = 12
  case noHeadroom = 13
  case closedPort = 14
  case unanswered = 15

  // Answered by the director, from the virtual address.
  case packetTooBig = 16
  case portReset = 17
  case portUnreachable = 18
  case echoReply = 19

  /// What the network does with a packet.
  public enum Action: Hashable, Sendable {
    /// It leaves through the interface that the decision names.
    case transmit
    case pass
    case drop
    /// What stands in its place leaves through the interface that it came in by.
    case reply
  }

  @inline(__always)
  public var action: Action {
    if self == .sent { return .transmit }
    if rawValue < Verdict.truncatedTransport.rawValue { return .pass }
    return rawValue < Verdict.packetTooBig.rawValue ? .drop : .reply
  }
}

/// A verdict, and the interface that a sent packet leaves through (0 otherwise).
public struct Decision: Hashable, Sendable {
  public let verdict: Verdict
  public let interface: UInt32

  @inline(__always)
  public init(_ verdict: Verdict, interface: UInt32 = 0) {
    self.verdict = verdict
    self.interface = interface
  }
}
