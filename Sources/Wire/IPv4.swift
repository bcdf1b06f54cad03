// SPDX-License-Identifier: MIT

/// An IPv4 header (RFC 791), without the contents of its options.
public struct IPv4Header: Hashable, Sendable {
  /// Bytes of the header, options included: 20 to 60, a multiple of four.
  public var headerLength: Int
  /// DSCP and ECN (RFC 2474, RFC 3168).
  public var trafficClass: UInt8
  /// Bytes of the packet, header included.
  public var totalLength: UInt16
  public var identification: UInt16
  /// Flags and fragment offset, as they stand in the header.
  public var fragment: Fragment
  public var timeToLive: UInt8
  public var transportProtocol: TransportProtocol
  public var source: IPv4Address
  public var destination: IPv4Address

  /// The three flag bits and the offset in units of eight bytes.
  public struct Fragment: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    @inline(always)
    public init(rawValue: UInt16) {
      self.rawValue = rawValue
    }

    /// A whole packet that routers may not divide.
    @inline(always) public static var doNotFragment: Self { Self(rawValue: 0x4000) }

    /// A whole packet that routers may divide.
    @inline(always) public static var mayFragment: Self { Self(rawValue: 0) }

    /// Whether this is a part of a packet: more follow, or some came before.
    @inline(always) public var isFragment: Bool { rawValue & 0x3FFF != 0 }

    /// Where in the packet it stands, in units of eight bytes.
    @inline(always) public var offset: UInt16 { rawValue & 0x1FFF }

    /// Whether the transport header is in it.
    @inline(always) public var isFirst: Bool { rawValue & 0x1FFF == 0 }

    /// Whether routers may divide it (further).
    @inline(always) public var isDivisible: Bool { rawValue & 0x4000 == 0 }
  }

  /// Bytes of a header without options.
  @inline(always) public static var size: Int { 20 }

  /// A header without options.
  @inline(always)
  public init(
    trafficClass: UInt8, totalLength: UInt16, identification: UInt16, fragment: Fragment, timeToLive: UInt8,
    transportProtocol: TransportProtocol, source: IPv4Address, destination: IPv4Address
  ) {
    self.headerLength = Self.size
    self.trafficClass = trafficClass
    self.totalLength = totalLength
    self.identification = identification
    self.fragment = fragment
    self.timeToLive = timeToLive
    self.transportProtocol = transportProtocol
    self.source = source
    self.destination = destination
  }

  @usableFromInline enum Field: Int {
    case versionAndLength = 0
    case trafficClass = 1
    case totalLength = 2
    case identification = 4
    case fragment = 6
    case timeToLive = 8
    case transportProtocol = 9
    case checksum = 10
    case source = 12
    case destination = 16
  }

  /// Reads the header at the start of `bytes`; what follows `totalLength` is padding of the link.
  ///
  /// The checksum is the business of the network card and of the host that the packet is for.
  @inline(always)
  public init(parsing bytes: PacketBytes) throws(Malformation) {
    try self.init(parsingQuoted: bytes)
    guard bytes.count >= Int(totalLength) else { throw .truncated }
  }

  /// The same for a packet of which only the beginning is there: one that an ICMP error quotes.
  @inline(always)
  public init(parsingQuoted bytes: PacketBytes) throws(Malformation) {
    guard bytes.holds(Self.size) else { throw .truncated }
    let versionAndLength = bytes.load(Field.versionAndLength, as: UInt8.self)
    guard versionAndLength >> 4 == 4 else { throw .version }
    self.headerLength = Int(versionAndLength & 0xF) &* 4
    self.totalLength = bytes.load(Field.totalLength)
    guard headerLength >= Self.size, Int(totalLength) >= headerLength else { throw .length }
    self.trafficClass = bytes.load(Field.trafficClass)
    self.identification = bytes.load(Field.identification)
    self.fragment = Fragment(rawValue: bytes.load(Field.fragment))
    self.timeToLive = bytes.load(Field.timeToLive)
    self.transportProtocol = TransportProtocol(rawValue: bytes.load(Field.transportProtocol))
    self.source = IPv4Address(bits: bytes.load(Field.source))
    self.destination = IPv4Address(bits: bytes.load(Field.destination))
  }

  /// Writes the header without options, checksum included, at the start of `bytes`, which hold it.
  @inline(always)
  public func emit(into bytes: PacketBytes) {
    bytes.store(0x45 as UInt8, Field.versionAndLength)
    bytes.store(trafficClass, Field.trafficClass)
    bytes.store(totalLength, Field.totalLength)
    bytes.store(identification, Field.identification)
    bytes.store(fragment.rawValue, Field.fragment)
    bytes.store(timeToLive, Field.timeToLive)
    bytes.store(transportProtocol.rawValue, Field.transportProtocol)
    bytes.store(checksum, Field.checksum)
    bytes.store(source.bits, Field.source)
    bytes.store(destination.bits, Field.destination)
  }

  /// The header's own checksum (RFC 1071), for a header without options.
  @inline(always)
  public var checksum: UInt16 {
    var checksum = Checksum()
    checksum.add(0x4500 | UInt16(trafficClass))
    checksum.add(totalLength)
    checksum.add(identification)
    checksum.add(fragment.rawValue)
    checksum.add(UInt16(timeToLive) << 8 | UInt16(transportProtocol.rawValue))
    checksum.add(source.bits)
    checksum.add(destination.bits)
    return checksum.value
  }

  /// Sends the packet at the start of `bytes`, which hold its header, back to where it came from. Options stay.
  @inline(always)
  public static func turnAround(_ bytes: PacketBytes, timeToLive: UInt8) -> Bool {
    guard bytes.holds(size) else { return false }
    let (source, destination) = (
      bytes.load(Field.source, as: UInt32.self), bytes.load(Field.destination, as: UInt32.self)
    )
    let old = bytes.load(Field.timeToLive, as: UInt8.self)
    var checksum = Checksum()
    checksum.add(~bytes.load(Field.checksum, as: UInt16.self))
    checksum.subtract(UInt16(old) << 8)
    checksum.add(UInt16(timeToLive) << 8)
    bytes.store(timeToLive, Field.timeToLive)
    bytes.store(checksum.value, Field.checksum)
    bytes.store(destination, Field.source)
    bytes.store(source, Field.destination)
    return true
  }
}
