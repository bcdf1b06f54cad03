// SPDX-License-Identifier: MIT

/// A GRE header without checksum and sequence number (RFC 2784), 4 bytes, or 8 with a key (RFC 2890).
public struct GREHeader: Hashable, Sendable {
  /// What the packet carries.
  public var type: EtherType
  public var key: UInt32?

  /// Bytes on the wire of a header without key.
  @inline(always) public static var size: Int { 4 }
  /// Bytes on the wire of a header with a key.
  @inline(always) public static var keyedSize: Int { 8 }

  /// Bytes on the wire.
  @inline(always) public var size: Int { key == nil ? Self.size : Self.keyedSize }

  @inline(always)
  public init(type: EtherType, key: UInt32? = nil) {
    self.type = type
    self.key = key
  }

  @usableFromInline enum Field: Int {
    case flagsAndVersion = 0
    case type = 2
    case key = 4
  }

  /// The bit that announces a key.
  @usableFromInline @inline(__always) static var keyFlag: UInt16 { 0x2000 }

  /// Reads the header at the start of `bytes`. One with other options or of another version is a `version` malformation.
  @inline(always)
  public init(parsing bytes: PacketBytes) throws(Malformation) {
    guard bytes.holds(Self.size) else { throw .truncated }
    let flags = bytes.load(Field.flagsAndVersion, as: UInt16.self)
    guard flags & ~Self.keyFlag == 0 else { throw .version }
    self.type = EtherType(rawValue: bytes.load(Field.type))
    guard flags == Self.keyFlag else { return }
    guard bytes.holds(Self.keyedSize) else { throw .truncated }
    self.key = bytes.load(Field.key, as: UInt32.self)
  }

  /// Writes the header at the start of `bytes`, which hold it.
  @inline(always)
  public func emit(into bytes: PacketBytes) {
    bytes.store(key == nil ? 0 : Self.keyFlag, Field.flagsAndVersion)
    bytes.store(type.rawValue, Field.type)
    if let key { bytes.store(key, Field.key) }
  }
}
