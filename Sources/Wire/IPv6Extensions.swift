// SPDX-License-Identifier: MIT

/// The extension headers of an IPv6 packet (RFC 8200, 4), walked up to the transport header.
public struct IPv6Extensions: Hashable, Sendable {
  /// What follows them.
  public var transportProtocol: TransportProtocol
  /// Bytes of all of them.
  public var length: Int
  /// Whether the packet is a part of one (4.5). An "atomic" fragment (RFC 6946), the only one, is a whole packet.
  public var isFragment: Bool
  /// Where in the packet it stands, in units of eight bytes.
  public var offset: UInt16
  /// Whether the transport header is in it. Behind the header of a later part nothing is a header any more.
  public var isFirst: Bool
  /// What the parts of one packet have in common.
  public var identification: UInt32

  /// How many headers are walked: as many as RFC 8200, 4.1, has an order for.
  @inline(always) public static var limit: Int { 7 }

  @usableFromInline enum Field: Int {
    case nextHeader = 0
    case length = 1
    case fragmentOffsetAndFlags = 2
    case identification = 4
  }

  /// Every extension header is so long at least.
  @usableFromInline @inline(__always) static var smallest: Int { 8 }

  /// Walks the headers at the start of `bytes`, the first of which is a `first`.
  ///
  /// - Throws: `truncated` where they go beyond `bytes`, `length` where there are more than `limit`.
  @inline(always)
  public init(
    parsing bytes: PacketBytes, first: TransportProtocol, limit: Int = Self.limit
  ) throws(Malformation) {
    self.transportProtocol = first
    self.length = 0
    self.isFragment = false
    self.offset = 0
    self.isFirst = true
    self.identification = 0
    for _ in 0..<limit {
      guard hasNext else { return }
      try step(bytes.dropping(length))
    }
    guard !hasNext else { throw .length }
  }

  @usableFromInline var hasNext: Bool {
    @inline(__always) get { isFirst && transportProtocol.isIPv6Extension }
  }

  /// Without a branch on the kind of header: the kernel's verifier would follow each sequence of kinds on its own.
  @usableFromInline
  @inline(__always)
  mutating func step(_ header: PacketBytes) throws(Malformation) {
    guard header.holds(Self.smallest) else { throw .truncated }
    // The mask takes nothing away; without it the verifier of Linux 6.1 knows no bounds of a product.
    length &+=
      Self.smallest &+ Int(header.load(Field.length, as: UInt8.self)) &* transportProtocol.extensionUnit & 0x7FC
    if transportProtocol == .ipv6Fragment {
      let word = header.load(Field.fragmentOffsetAndFlags, as: UInt16.self)
      isFragment = word & 0xFFF9 != 0
      offset = word >> 3
      isFirst = offset == 0
      identification = header.load(Field.identification)
    }
    transportProtocol = TransportProtocol(rawValue: header.load(Field.nextHeader))
  }
}

extension TransportProtocol {
  /// Whether a further "next header" field follows in an IPv6 packet. Behind ESP everything is secret.
  @inline(always)
  public var isIPv6Extension: Bool { rawValue < 64 && Self.ipv6Extensions &>> UInt64(rawValue) & 1 != 0 }

  /// A bit for each number: 0 (hop-by-hop), 43 (routing), 44 (fragment), 51 (authentication), 60 (destination options).
  @usableFromInline @inline(__always)
  static var ipv6Extensions: UInt64 { 1 | 1 << 43 | 1 << 44 | 1 << 51 | 1 << 60 }

  /// Bytes that an extension header's length field counts in: 8, in an authentication header 4; a fragment's has none.
  ///
  /// Half a byte for each, found by the number's bits 1 to 4, in which the five differ.
  @usableFromInline @inline(__always)
  var extensionUnit: Int {
    let units: UInt64 = 8 | 8 << (4 * 5) | 0 << (4 * 6) | 4 << (4 * 9) | 8 << (4 * 14)
    return Int(units &>> (UInt64(rawValue >> 1 & 0xF) &* 4) & 0xF)
  }
}
