// SPDX-License-Identifier: MIT

/// A UDP header (RFC 768), 8 bytes.
public struct UDPHeader: Hashable, Sendable {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  /// Bytes of header and payload.
  public var length: UInt16

  /// Bytes on the wire.
  @inline(always) public static var size: Int { 8 }

  @usableFromInline enum Field: Int {
    case sourcePort = 0
    case destinationPort = 2
    case length = 4
  }

  /// Reads the header at the start of `bytes`.
  @inline(always)
  public init(parsing bytes: PacketBytes) throws(Malformation) {
    guard bytes.holds(Self.size) else { throw .truncated }
    self.sourcePort = bytes.load(Field.sourcePort)
    self.destinationPort = bytes.load(Field.destinationPort)
    self.length = bytes.load(Field.length)
    guard length >= UInt16(Self.size) else { throw .length }
  }
}
