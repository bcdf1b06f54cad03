// SPDX-License-Identifier: MIT

/// An IPv6 header (RFC 8200), 40 bytes.
public struct IPv6Header: Hashable, Sendable {
  /// DSCP and ECN (RFC 2474, RFC 3168).
  public var trafficClass: UInt8
  /// 20 bits (RFC 6437).
  public var flowLabel: UInt32
  /// Bytes behind this header, extension headers included.
  public var payloadLength: UInt16
  public var nextHeader: TransportProtocol
  public var hopLimit: UInt8
  public var source: IPv6Address
  public var destination: IPv6Address

  /// Bytes on the wire.
  @inline(always) public static var size: Int { 40 }

  @inline(always)
  public init(
    trafficClass: UInt8, flowLabel: UInt32, payloadLength: UInt16, nextHeader: TransportProtocol, hopLimit: UInt8,
    source: IPv6Address, destination: IPv6Address
  ) {
    self.trafficClass = trafficClass
    self.flowLabel = flowLabel
    self.payloadLength = payloadLength
    self.nextHeader = nextHeader
    self.hopLimit = hopLimit
    self.source = source
    self.destination = destination
  }

  @usableFromInline enum Field: Int {
    case versionClassAndLabel = 0
    case payloadLength = 4
    case nextHeader = 6
    case hopLimit = 7
    case source = 8
    case destination = 24
  }

  /// Reads the header at the start of `bytes`; what follows `payloadLength` is padding of the link.
  @inline(always)
  public init(parsing bytes: PacketBytes) throws(Malformation) {
    try self.init(parsingQuoted: bytes)
    guard bytes.count >= Self.size &+ Int(payloadLength) else { throw .truncated }
  }

  /// The same for a packet of which only the beginning is there: one that an ICMPv6 error quotes.
  @inline(always)
  public init(parsingQuoted bytes: PacketBytes) throws(Malformation) {
    guard bytes.holds(Self.size) else { throw .truncated }
    let first = bytes.load(Field.versionClassAndLabel, as: UInt32.self)
    guard first >> 28 == 6 else { throw .version }
    self.trafficClass = UInt8(truncatingIfNeeded: first >> 20)
    self.flowLabel = first & 0xF_FFFF
    self.payloadLength = bytes.load(Field.payloadLength)
    self.nextHeader = TransportProtocol(rawValue: bytes.load(Field.nextHeader))
    self.hopLimit = bytes.load(Field.hopLimit)
    self.source = bytes.loadAddress(Field.source)
    self.destination = bytes.loadAddress(Field.destination)
  }

  /// Writes the header at the start of `bytes`, which hold it.
  @inline(always)
  public func emit(into bytes: PacketBytes) {
    bytes.store(0x6000_0000 | UInt32(trafficClass) << 20 | flowLabel & 0xF_FFFF, Field.versionClassAndLabel)
    bytes.store(payloadLength, Field.payloadLength)
    bytes.store(nextHeader.rawValue, Field.nextHeader)
    bytes.store(hopLimit, Field.hopLimit)
    bytes.store(source, Field.source)
    bytes.store(destination, Field.destination)
  }
}

extension PacketBytes {
  // Word by word: an IPv6 header is aligned to four bytes at best.

  @usableFromInline @inline(__always)
  func loadAddress<Field: RawRepresentable<Int>>(_ field: Field) -> IPv6Address {
    let bytes = dropping(field.rawValue)
    return IPv6Address(
      high: UInt64(bytes.load(AddressWord.first, as: UInt32.self)) << 32
        | UInt64(bytes.load(AddressWord.second, as: UInt32.self)),
      low: UInt64(bytes.load(AddressWord.third, as: UInt32.self)) << 32
        | UInt64(bytes.load(AddressWord.fourth, as: UInt32.self)))
  }

  @usableFromInline @inline(__always)
  func store<Field: RawRepresentable<Int>>(_ address: IPv6Address, _ field: Field) {
    let bytes = dropping(field.rawValue)
    bytes.store(UInt32(truncatingIfNeeded: address.high >> 32), AddressWord.first)
    bytes.store(UInt32(truncatingIfNeeded: address.high), AddressWord.second)
    bytes.store(UInt32(truncatingIfNeeded: address.low >> 32), AddressWord.third)
    bytes.store(UInt32(truncatingIfNeeded: address.low), AddressWord.fourth)
  }
}

@usableFromInline enum AddressWord: Int {
  case first = 0
  case second = 4
  case third = 8
  case fourth = 12
}
