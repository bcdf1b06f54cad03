// SPDX-License-Identifier: MIT
public import Wire

/// An IP packet of either version, read up to its transport header: IPv4 options and IPv6 extension headers are walked
/// over.
public struct IPPacket {
  /// IPv4 addresses are mapped (RFC 4291, 2.5.5.2).
  public let source: IPv6Address
  public let destination: IPv6Address
  public let isIPv6: Bool
  public let transportProtocol: TransportProtocol
  public let trafficClass: UInt8
  /// Time to live, or hop limit.
  public let timeToLive: UInt8
  /// Bytes of the packet, as its header says.
  public let totalLength: Int
  /// Bytes of all headers in front of the transport header.
  public let headerLength: Int
  /// Whether routers may divide it.
  public let isDivisible: Bool
  public let fragment: Fragment

  /// Which part of a packet it is.
  public struct Fragment {
    /// Whether it is a part, and not a whole packet.
    public let isFragment: Bool
    /// Whether the transport header is in it.
    public let isFirst: Bool
    /// Where in the packet it stands, in units of eight bytes.
    public let offset: UInt16
    /// What the parts of one packet have in common, besides addresses and protocol.
    public let identification: UInt32
  }

  /// Reads the packet at the start of `bytes`, which hold all of it.
  @inline(always)
  init(parsing bytes: PacketBytes, isIPv6: Bool) throws(Malformation) {
    if isIPv6 {
      try self.init(IPv6Header(parsing: bytes), in: bytes, extensions: IPv6Extensions.limit)
    } else {
      self.init(try IPv4Header(parsing: bytes))
    }
  }

  /// Reads the packet at the start of `bytes`, which hold perhaps only its beginning: one that an ICMP error quotes.
  /// Real servers send few extension headers: two are walked.
  @inline(always)
  init(parsingQuoted bytes: PacketBytes, isIPv6: Bool) throws(Malformation) {
    if isIPv6 {
      try self.init(IPv6Header(parsingQuoted: bytes), in: bytes, extensions: 2)
    } else {
      self.init(try IPv4Header(parsingQuoted: bytes))
    }
  }

  @inline(always)
  private init(_ header: IPv4Header) {
    source = IPv6Address(mapping: header.source)
    destination = IPv6Address(mapping: header.destination)
    isIPv6 = false
    transportProtocol = header.transportProtocol
    trafficClass = header.trafficClass
    timeToLive = header.timeToLive
    totalLength = Int(header.totalLength)
    headerLength = header.headerLength
    isDivisible = header.fragment.isDivisible
    fragment = Fragment(
      isFragment: header.fragment.isFragment, isFirst: header.fragment.isFirst, offset: header.fragment.offset,
      identification: UInt32(header.identification))
  }

  @inline(always)
  private init(_ header: IPv6Header, in bytes: PacketBytes, extensions limit: Int) throws(Malformation) {
    let extensions = try IPv6Extensions(
      parsing: bytes.dropping(IPv6Header.size), first: header.nextHeader, limit: limit)
    guard extensions.length <= Int(header.payloadLength) else { throw .length }
    source = header.source
    destination = header.destination
    isIPv6 = true
    transportProtocol = extensions.transportProtocol
    trafficClass = header.trafficClass
    timeToLive = header.hopLimit
    totalLength = IPv6Header.size &+ Int(header.payloadLength)
    headerLength = IPv6Header.size &+ extensions.length
    isDivisible = false
    fragment = Fragment(
      isFragment: extensions.isFragment, isFirst: extensions.isFirst, offset: extensions.offset,
      identification: extensions.identification)
  }

  /// Bytes behind all headers of IP.
  @inline(__always)
  var transportLength: Int { totalLength &- headerLength }

  /// Whether the headers are as short as they can be: no options, no extensions.
  @inline(__always)
  var isPlain: Bool { headerLength == (isIPv6 ? IPv6Header.size : IPv4Header.size) }
}
