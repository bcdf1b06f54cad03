// SPDX-License-Identifier: MIT

/// What an Ethernet frame or a GRE packet carries (IEEE 802 numbers).
public struct EtherType: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt16

  @inline(always)
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  @inline(always) public static var ipv4: Self { Self(rawValue: 0x0800) }
  @inline(always) public static var ipv6: Self { Self(rawValue: 0x86DD) }
}

/// An untagged Ethernet II header (IEEE 802.3), 14 bytes.
public struct EthernetHeader: Hashable, Sendable {
  public var destination: MACAddress
  public var source: MACAddress
  public var type: EtherType

  /// Bytes on the wire.
  @inline(always) public static var size: Int { 14 }

  @inline(always)
  public init(destination: MACAddress, source: MACAddress, type: EtherType) {
    self.destination = destination
    self.source = source
    self.type = type
  }

  @usableFromInline enum Field: Int {
    case destinationHigh = 0
    case destinationLow = 2
    case sourceHigh = 6
    case sourceLow = 8
    case type = 12
  }

  /// Reads the header at the start of `bytes`.
  @inline(always)
  public init(parsing bytes: PacketBytes) throws(Malformation) {
    guard bytes.holds(Self.size) else { throw .truncated }
    self.destination = MACAddress(
      high: bytes.load(Field.destinationHigh), low: bytes.load(Field.destinationLow))
    self.source = MACAddress(high: bytes.load(Field.sourceHigh), low: bytes.load(Field.sourceLow))
    self.type = EtherType(rawValue: bytes.load(Field.type))
  }

  /// Writes the header at the start of `bytes`, which hold it.
  @inline(always)
  public func emit(into bytes: PacketBytes) {
    bytes.store(destination.high, Field.destinationHigh)
    bytes.store(destination.low, Field.destinationLow)
    bytes.store(source.high, Field.sourceHigh)
    bytes.store(source.low, Field.sourceLow)
    bytes.store(type.rawValue, Field.type)
  }
}

extension MACAddress {
  @usableFromInline
  @inline(__always)
  init(high: UInt16, low: UInt32) {
    self.init(bits: UInt64(high) << 32 | UInt64(low))
  }

  @usableFromInline var high: UInt16 { @inline(__always) get { UInt16(truncatingIfNeeded: bits >> 32) } }
  @usableFromInline var low: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: bits) } }
}
