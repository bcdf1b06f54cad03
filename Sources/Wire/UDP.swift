// SPDX-License-Identifier: MIT

/// A UDP header (RFC 768), 8 bytes.
public struct UDPHeader: Hashable, Sendable {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  /// Bytes of header and payload.
  public var length: UInt16
  /// 0 for none.
  public var checksum: UInt16

  /// Bytes on the wire.
  @inline(always) public static var size: Int { 8 }

  @inline(always)
  public init(sourcePort: UInt16, destinationPort: UInt16, length: UInt16, checksum: UInt16 = 0) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.length = length
    self.checksum = checksum
  }

  @usableFromInline enum Field: Int {
    case sourcePort = 0
    case destinationPort = 2
    case length = 4
    case checksum = 6
  }

  /// Reads the header at the start of `bytes`.
  @inline(always)
  public init(parsing bytes: PacketBytes) throws(Malformation) {
    guard bytes.holds(Self.size) else { throw .truncated }
    self.sourcePort = bytes.load(Field.sourcePort)
    self.destinationPort = bytes.load(Field.destinationPort)
    self.length = bytes.load(Field.length)
    self.checksum = bytes.load(Field.checksum)
    guard length >= UInt16(Self.size) else { throw .length }
  }

  /// Writes the header at the start of `bytes`, which hold it.
  @inline(always)
  public func emit(into bytes: PacketBytes) {
    bytes.store(sourcePort, Field.sourcePort)
    bytes.store(destinationPort, Field.destinationPort)
    bytes.store(length, Field.length)
    bytes.store(checksum, Field.checksum)
  }
}
