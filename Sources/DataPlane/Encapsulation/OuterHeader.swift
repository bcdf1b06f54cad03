// SPDX-License-Identifier: MIT

/// What an operator chooses about the headers in front of clients' packets.
public struct OuterHeader: Hashable, Sendable {
  public var encapsulation: Encapsulation
  /// Of `greKey`.
  public var key: UInt32
  /// The UDP destination port of `gue` and `fou`.
  public var port: UInt16
  /// Time to live, or hop limit; 1 to 255.
  public var timeToLive: UInt8
  /// Whether an outer IPv4 header forbids routers to divide the packet. IPv6 always does.
  public var forbidsFragmentation: Bool
  /// Whether UDP carries a checksum, where it follows from the client's; else 0 (RFC 6935, RFC 6936).
  public var computesUDPChecksum: Bool

  /// The port that IANA has assigned to GUE.
  public static let defaultPort: UInt16 = 6080

  public init(
    _ encapsulation: Encapsulation, key: UInt32 = 0, port: UInt16 = Self.defaultPort, timeToLive: UInt8 = 64,
    forbidsFragmentation: Bool = true, computesUDPChecksum: Bool = false
  ) {
    self.encapsulation = encapsulation
    self.key = key
    self.port = port
    self.timeToLive = timeToLive
    self.forbidsFragmentation = forbidsFragmentation
    self.computesUDPChecksum = computesUDPChecksum
  }
}
