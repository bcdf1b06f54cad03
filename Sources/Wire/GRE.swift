// SPDX-License-Identifier: MIT

/// A GRE header without checksum, key and sequence number (RFC 2784), 4 bytes.
public struct GREHeader: Hashable, Sendable {
  /// What the packet carries.
  public var type: EtherType

  /// Bytes on the wire.
  @inline(always) public static var size: Int { 4 }

  @inline(always)
  public init(type: EtherType) {
    self.type = type
  }

  @usableFromInline enum Field: Int {
    case flagsAndVersion = 0
    case type = 2
  }

  /// Reads the header at the start of `bytes`. One with options or of another version is a `version` malformation.
  @inline(always)
  public init(parsing bytes: PacketBytes) throws(Malformation) {
    guard bytes.holds(Self.size) else { throw .truncated }
    guard bytes.load(Field.flagsAndVersion, as: UInt16.self) == 0 else { throw .version }
    self.type = EtherType(rawValue: bytes.load(Field.type))
  }

  /// Writes the header at the start of `bytes`, which hold it.
  @inline(always)
  public func emit(into bytes: PacketBytes) {
    bytes.store(0 as UInt16, Field.flagsAndVersion)
    bytes.store(type.rawValue, Field.type)
  }
}
