// SPDX-License-Identifier: MIT

/// What became of a packet: everything but `sent` is counted under its name. `docs/verdicts.md` has a paragraph on each.
///
/// The numbers have no gaps: the compiler would turn a case into its number through a table in memory, and BPF has none.
public enum Verdict: UInt8, Hashable, Sendable, CaseIterable {
  /// Encapsulated and on its way to a real server.
  case sent = 0

  // Left to the host's own network stack, because it is not for a service.
  case truncatedFrame = 1
  case notIPv4 = 2
  case malformedIPv4 = 3
  case fragment = 4
  case unbalancedProtocol = 5
  case noService = 6

  // Dropped: it is for a service, and cannot be delivered.
  case truncatedTransport = 7
  case noServer = 8
  case unreachable = 9
  case exceedsMTU = 10
  case noHeadroom = 11

  /// What the network does with a packet.
  public enum Action: Hashable, Sendable {
    case transmit
    case pass
    case drop
  }

  @inline(__always)
  public var action: Action {
    if self == .sent { return .transmit }
    return rawValue < Verdict.truncatedTransport.rawValue ? .pass : .drop
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
