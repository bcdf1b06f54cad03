// SPDX-License-Identifier: MIT

/// A Generic UDP Encapsulation header of variant 0 without options (draft-ietf-intarea-gue-09, 3), 4 bytes.
///
/// Variant 1 has no header: an IP packet follows the UDP header directly, and its version, 4 or 6, cannot be taken for
/// variant 0.
public struct GUEHeader: Hashable, Sendable {
  /// What the packet carries: `ipip` or `ipv6`.
  public var payload: TransportProtocol

  /// Bytes on the wire.
  @inline(always) public static var size: Int { 4 }

  @inline(always)
  public init(payload: TransportProtocol) {
    self.payload = payload
  }

  @usableFromInline enum Field: Int {
    case variantAndLength = 0
    case payload = 1
    case flags = 2
  }

  /// Reads the header at the start of `bytes`. One of another variant, with options or a control message is a
  /// `version` malformation.
  @inline(always)
  public init(parsing bytes: PacketBytes) throws(Malformation) {
    guard bytes.holds(Self.size) else { throw .truncated }
    guard bytes.load(Field.variantAndLength, as: UInt8.self) == 0, bytes.load(Field.flags, as: UInt16.self) == 0 else {
      throw .version
    }
    self.payload = TransportProtocol(rawValue: bytes.load(Field.payload))
  }

  /// Writes the header at the start of `bytes`, which hold it.
  @inline(always)
  public func emit(into bytes: PacketBytes) {
    bytes.store(0 as UInt8, Field.variantAndLength)
    bytes.store(payload.rawValue, Field.payload)
    bytes.store(0 as UInt16, Field.flags)
  }
}
