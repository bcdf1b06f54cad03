// SPDX-License-Identifier: MIT

/// What a balancer reads of a TCP header (RFC 9293).
public struct TCPHeader: Hashable, Sendable {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  public var flags: Flags

  /// The control bits.
  public struct Flags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    @inline(always)
    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    @inline(always) public static var synchronize: Self { Self(rawValue: 0x02) }
    @inline(always) public static var reset: Self { Self(rawValue: 0x04) }
    @inline(always) public static var acknowledge: Self { Self(rawValue: 0x10) }

    /// Whether the segment opens a connection: SYN without ACK.
    @inline(always) public var opensConnection: Bool { rawValue & 0x12 == 0x02 }
  }

  /// Bytes of a header without options.
  @inline(always) public static var size: Int { 20 }

  @usableFromInline enum Field: Int {
    case sourcePort = 0
    case destinationPort = 2
    case flags = 13
  }

  /// Reads the header at the start of `bytes`.
  @inline(always)
  public init(parsing bytes: PacketBytes) throws(Malformation) {
    guard bytes.holds(Self.size) else { throw .truncated }
    self.sourcePort = bytes.load(Field.sourcePort)
    self.destinationPort = bytes.load(Field.destinationPort)
    self.flags = Flags(rawValue: bytes.load(Field.flags))
  }
}
