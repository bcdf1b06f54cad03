// SPDX-License-Identifier: MIT

/// Why a round of a check failed.
public struct CheckFailure: Error, Hashable, Sendable, CustomStringConvertible {
  public var kind: Kind
  /// What was seen, verbatim as far as there was anything: the kernel's error, the status line, the first bytes.
  public var detail: String
  /// On which of the check's ways.
  public var leg: Leg

  /// A name that programs can rely on; docs/health-checks.md has a paragraph on each.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// There is no way to the real server now: no route, or its next hop does not answer.
    case unrouted
    /// Nothing came back in time.
    case timeout
    /// A reset came for the SYN: nobody listens.
    case refused
    /// The connection was reset later on.
    case reset
    /// The connection ended before the answer was whole.
    case closed
    /// An ICMP error came back.
    case icmp
    /// What came back came from another address than was asked.
    case wrongAddress = "wrong-address"
    /// An HTTP status that is not among those wanted.
    case status
    /// The body has not what it must.
    case body
    /// What came back is not of the protocol.
    case malformed
    /// The TLS handshake failed, or the certificate was not trusted.
    case tls
    /// A DNS answer with an error code, or without the record that is wanted.
    case dns
    /// The program ended with another status than 0, or was not there.
    case command
    /// Small probes pass and full-size ones do not.
    case fullSize = "full-size"
    /// This host could not send.
    case local
  }

  /// One of the ways that a check tries.
  public enum Leg: String, Hashable, Sendable, CaseIterable {
    case tunnel
    case direct
  }

  public init(_ kind: Kind, _ detail: String, on leg: Leg = .tunnel) {
    self.kind = kind
    self.detail = detail
    self.leg = leg
  }

  public var description: String { detail.isEmpty ? kind.rawValue : "\(kind.rawValue): \(detail)" }
}

/// What one round of a check came to.
public struct RoundResult: Hashable, Sendable {
  /// nil where all of it succeeded.
  public var failure: CheckFailure?
  /// From the first packet to the answer of the small probe; nil where none came.
  public var roundTrip: Duration?
  /// What each way came to, where several were tried: "direct answers, tunnel does not".
  public var legs: [CheckFailure.Leg: Bool]

  public init(failure: CheckFailure? = nil, roundTrip: Duration? = nil, legs: [CheckFailure.Leg: Bool] = [:]) {
    self.failure = failure
    self.roundTrip = roundTrip
    self.legs = legs
  }

  public var isSuccess: Bool { failure == nil }
}
