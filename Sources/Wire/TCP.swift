// SPDX-License-Identifier: MIT

/// What a balancer reads and writes of a TCP header (RFC 9293).
public struct TCPHeader: Hashable, Sendable {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  public var sequence: UInt32
  public var acknowledgement: UInt32
  /// Bytes of the header, options included: 0 to 60, a multiple of four; less than 20 is a lie.
  public var headerLength: Int
  public var flags: Flags

  /// The control bits.
  public struct Flags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    @inline(always)
    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    @inline(always) public static var finish: Self { Self(rawValue: 0x01) }
    @inline(always) public static var synchronize: Self { Self(rawValue: 0x02) }
    @inline(always) public static var reset: Self { Self(rawValue: 0x04) }
    @inline(always) public static var acknowledge: Self { Self(rawValue: 0x10) }

    @inline(always) public func has(_ flag: Flags) -> Bool { rawValue & flag.rawValue != 0 }

    /// Whether the segment opens a connection: SYN without ACK.
    @inline(always) public var opensConnection: Bool { rawValue & 0x12 == 0x02 }
  }

  /// Bytes of a header without options.
  @inline(always) public static var size: Int { 20 }

  @inline(always)
  public init(
    sourcePort: UInt16, destinationPort: UInt16, sequence: UInt32, acknowledgement: UInt32, flags: Flags
  ) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.sequence = sequence
    self.acknowledgement = acknowledgement
    self.headerLength = Self.size
    self.flags = flags
  }

  @usableFromInline enum Field: Int {
    case sourcePort = 0
    case destinationPort = 2
    case sequence = 4
    case acknowledgement = 8
    case headerLength = 12
    case flags = 13
    case window = 14
    case checksum = 16
    case urgentPointer = 18
  }

  /// Reads the header at the start of `bytes`.
  @inline(always)
  public init(parsing bytes: PacketBytes) throws(Malformation) {
    guard bytes.holds(Self.size) else { throw .truncated }
    self.sourcePort = bytes.load(Field.sourcePort)
    self.destinationPort = bytes.load(Field.destinationPort)
    self.sequence = bytes.load(Field.sequence)
    self.acknowledgement = bytes.load(Field.acknowledgement)
    self.headerLength = Int(bytes.load(Field.headerLength, as: UInt8.self) >> 4) &* 4
    self.flags = Flags(rawValue: bytes.load(Field.flags))
  }

  /// Writes the header without options, with a window of 0, at the start of `bytes`, which hold it.
  ///
  /// `pseudoHeader` is the sum of the pseudo header, for the checksum of a segment without data.
  @inline(always)
  public func emit(into bytes: PacketBytes, pseudoHeader: Checksum) {
    bytes.store(sourcePort, Field.sourcePort)
    bytes.store(destinationPort, Field.destinationPort)
    bytes.store(sequence, Field.sequence)
    bytes.store(acknowledgement, Field.acknowledgement)
    bytes.store(0x5000 | UInt16(flags.rawValue), Field.headerLength)
    bytes.store(0 as UInt16, Field.window)
    var checksum = pseudoHeader
    checksum.add(sourcePort)
    checksum.add(destinationPort)
    checksum.add(sequence)
    checksum.add(acknowledgement)
    checksum.add(0x5000 | UInt16(flags.rawValue))
    bytes.store(checksum.value, Field.checksum)
    bytes.store(0 as UInt16, Field.urgentPointer)
  }
}
