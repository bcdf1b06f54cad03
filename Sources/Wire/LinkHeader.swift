// SPDX-License-Identifier: MIT

/// An Ethernet header with the VLAN tags in it (IEEE 802.1Q, 802.1ad), of which the outermost two are looked into.
public struct LinkHeader: Hashable, Sendable {
  public var destination: MACAddress
  public var source: MACAddress
  /// The first tag, its EtherType in the high half; 0 for none.
  public var outerTag: UInt32
  public var innerTag: UInt32
  /// What follows the tags.
  public var type: EtherType

  /// Bytes of one tag.
  @inline(always) public static var tagSize: Int { 4 }

  /// Bytes of the longest header: fewer than any frame with an IP packet has.
  @inline(always) public static var largestSize: Int { EthernetHeader.size &+ 2 &* tagSize }

  /// Bytes of the tags.
  @inline(always)
  public var tagsSize: Int {
    outerTag == 0 ? 0 : innerTag == 0 ? Self.tagSize : 2 &* Self.tagSize
  }

  /// Bytes of the header, tags included.
  @inline(always) public var size: Int { EthernetHeader.size &+ tagsSize }

  /// Where the tags, or the type, stand.
  @usableFromInline @inline(__always) static var addressesSize: Int { 12 }

  @usableFromInline enum Tag: Int {
    case word = 0
    case followingType = 4
  }

  /// A header with one tag of priority 0, or none where `vlan` is 0.
  @inline(always)
  public init(destination: MACAddress, source: MACAddress, vlan: UInt16, type: EtherType) {
    self.destination = destination
    self.source = source
    self.outerTag = vlan == 0 ? 0 : UInt32(EtherType.vlan.rawValue) << 16 | UInt32(vlan)
    self.innerTag = 0
    self.type = type
  }

  /// Reads the header at the start of `bytes`.
  @inline(always)
  public init(parsing bytes: PacketBytes) throws(Malformation) {
    let ethernet = try EthernetHeader(parsing: bytes)
    self.destination = ethernet.destination
    self.source = ethernet.source
    self.type = ethernet.type
    self.outerTag = 0
    self.innerTag = 0
    guard type.isTag else { return }
    self.outerTag = try step(bytes.dropping(Self.addressesSize))
    guard type.isTag else { return }
    self.innerTag = try step(bytes.dropping(Self.addressesSize &+ Self.tagSize))
  }

  /// Reads the tag at the start of `bytes`, and goes on to the type behind it.
  @usableFromInline @inline(__always)
  mutating func step(_ bytes: PacketBytes) throws(Malformation) -> UInt32 {
    guard bytes.holds(Self.tagSize &+ 2) else { throw .truncated }
    type = EtherType(rawValue: bytes.load(Tag.followingType))
    return bytes.load(Tag.word)
  }

  /// Writes the header at the start of `bytes`, which hold it.
  @inline(always)
  public func emit(into bytes: PacketBytes) {
    EthernetHeader(destination: destination, source: source, type: type).emit(into: bytes)
    guard outerTag != 0 else { return }
    emit(outerTag, followedBy: type, into: bytes.dropping(Self.addressesSize))
    guard innerTag != 0 else { return }
    emit(innerTag, followedBy: type, into: bytes.dropping(Self.addressesSize &+ Self.tagSize))
  }

  @usableFromInline @inline(__always)
  func emit(_ tag: UInt32, followedBy type: EtherType, into bytes: PacketBytes) {
    bytes.store(tag, Tag.word)
    bytes.store(type.rawValue, Tag.followingType)
  }

  /// The header of an answer.
  @inline(always)
  public var reversed: LinkHeader {
    var header = self
    header.destination = source
    header.source = destination
    return header
  }
}

extension EtherType {
  /// A customer's VLAN tag (IEEE 802.1Q).
  @inline(always) public static var vlan: Self { Self(rawValue: 0x8100) }
  /// A provider's VLAN tag (IEEE 802.1ad).
  @inline(always) public static var serviceVLAN: Self { Self(rawValue: 0x88A8) }

  @inline(always) public var isTag: Bool { self == .vlan || self == .serviceVLAN }
}
