// SPDX-License-Identifier: MIT

/// What a real server is asked, how often, and how many answers decide: named once, used by any number of services.
public struct HealthCheck: Hashable, Sendable {
  /// What the configuration calls it.
  public var name: String
  public var question: Question
  public var path: Path
  /// The port that is asked; nil for the service's own.
  public var port: UInt16?
  public var fullSize: FullSize
  /// From the start of one round to the start of the next; each is up to a tenth earlier or later.
  public var interval: Duration
  /// For one round, at most `interval`.
  public var timeout: Duration
  /// Rounds that must succeed in a row until the server counts as up; at its first appearance one is enough.
  public var rise: Int
  /// Rounds that must fail in a row until the server counts as down.
  public var fall: Int

  public init(
    name: String, question: Question, path: Path = .tunnel, port: UInt16? = nil, fullSize: FullSize = .automatic,
    interval: Duration = .seconds(2), timeout: Duration = .seconds(1), rise: Int = 2, fall: Int = 3
  ) {
    self.name = name
    self.question = question
    self.path = path
    self.port = port
    self.fullSize = fullSize
    self.interval = interval
    self.timeout = timeout
    self.rise = rise
    self.fall = fall
  }

  /// What is asked.
  public enum Question: Hashable, Sendable {
    /// For a TCP connection.
    case tcp
    case http(HTTPQuestion)
    case https(HTTPQuestion, TLSQuestion)
    /// For a TLS handshake.
    case tls(TLSQuestion)
    /// Over UDP.
    case dns(DNSQuestion)
    /// For an ICMP echo from the virtual address.
    case echo
    /// A program of this host and its arguments; its exit status 0 means that all is well.
    case command([String])
  }

  /// The way that is tried.
  public enum Path: String, Hashable, Sendable, CaseIterable {
    /// The service's own: addressed to the virtual address, in the real server's encapsulation.
    case tunnel
    /// Addressed to the real server itself, without tunnel.
    case direct
    /// Both: a server is up if both answer.
    case both
  }

  /// Whether a probe as long as the path carries goes besides the small one.
  public enum FullSize: Hashable, Sendable {
    case off
    /// As long as the route to the real server allows.
    case automatic
    /// A packet of so many bytes inside of the tunnel, IP header included.
    case bytes(Int)
  }
}

/// An HTTP/1.1 request, and what its answer must be.
public struct HTTPQuestion: Hashable, Sendable {
  public var method: String
  /// Path and query, beginning with a slash.
  public var target: String
  /// The Host header; nil for the address that is asked.
  public var host: String?
  public var headers: [Header]
  /// Status codes that mean that all is well.
  public var status: [ClosedRange<Int>]
  /// What the first 64 KiB of the body must contain; nil where the body does not matter.
  public var body: String?

  /// A header field.
  public struct Header: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  public init(
    method: String = "GET", target: String = "/", host: String? = nil, headers: [Header] = [],
    status: [ClosedRange<Int>] = [200...399], body: String? = nil
  ) {
    self.method = method
    self.target = target
    self.host = host
    self.headers = headers
    self.status = status
    self.body = body
  }
}

/// How TLS is spoken.
public struct TLSQuestion: Hashable, Sendable {
  /// The server name that is indicated (RFC 6066, 3), and that the certificate must have if it is verified.
  public var serverName: String?
  /// Whether the certificate must be one that this host trusts. Without, any will do: a check is about the service.
  public var verifies: Bool

  public init(serverName: String? = nil, verifies: Bool = false) {
    self.serverName = serverName
    self.verifies = verifies
  }
}

/// A DNS query over UDP (RFC 1035), and what its answer must be.
public struct DNSQuestion: Hashable, Sendable {
  /// The name that is asked for, with or without a dot at the end.
  public var name: String
  public var type: RecordType
  /// An address or text that some record of the answer must be; nil where any answer without an error will do.
  public var answer: String?

  /// Types of records.
  public enum RecordType: UInt16, Hashable, Sendable, CaseIterable {
    case a = 1
    case ns = 2
    case soa = 6
    case txt = 16
    case aaaa = 28
  }

  public init(name: String, type: RecordType = .a, answer: String? = nil) {
    self.name = name
    self.type = type
    self.answer = answer
  }
}
