// SPDX-License-Identifier: MIT
import CLinux
public import Wire

/// One of several next hops of a route, among which packets are spread. The corresponding C structure is `rtnexthop`.
public struct NextHop: Hashable, Sendable {
  /// The router to send to; it may be of the other IP version. `nil` if the destination is on the link.
  public var gateway: IPAddress?
  /// The link that packets leave through.
  public var interface: InterfaceIndex
  /// Its share, 1 to 256, beside those of the others.
  public var weight: Int
  /// Whether the gateway counts as reachable although no address of the link says so.
  public var isOnLink: Bool

  public init(gateway: IPAddress? = nil, interface: InterfaceIndex, weight: Int = 1, isOnLink: Bool = false) {
    self.gateway = gateway
    self.interface = interface
    self.weight = weight
    self.isOnLink = isOnLink
  }
}

/// What stands in ``RouteAttribute/multipath``.
struct NextHops {
  var hops: [NextHop] = []
  /// Whether one of them changes packets, by a lightweight tunnel.
  var encapsulates = false

  private static let headerSize = 8

  init() {}

  /// - Throws: ``MalformedMessage`` where a hop is shorter than its header or longer than what is there.
  init(_ bytes: [UInt8]) throws(MalformedMessage) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let length = rest.count < Self.headerSize ? 0 : Int(Array(rest.prefix(2)).number)
      guard length >= Self.headerSize, length <= rest.count else {
        throw MalformedMessage("a next hop of \(length) bytes, of which there are \(rest.count)")
      }
      try read(Array(rest.prefix(length)))
      // As of attributes, the padding after the last one may be missing.
      rest = rest.dropFirst((length + 3) & ~3)
    }
  }

  private mutating func read(_ bytes: [UInt8]) throws(MalformedMessage) {
    var hop = NextHop(
      interface: InterfaceIndex(rawValue: Array(bytes[4..<8]).number), weight: Int(bytes[3]) + 1,
      isOnLink: UInt32(bytes[2]) & UInt32(RTNH_F_ONLINK) != 0)
    let span = unsafe bytes.span.bytes
    var attributes = AttributeReader<RouteAttribute>(span.extracting(Self.headerSize..<bytes.count))
    while let attribute = attributes.next() {
      switch attribute {
      case .gateway: hop.gateway = attributes.address()
      case .via: hop.gateway = IPAddress(bytes: Array(attributes.data().dropFirst(2)))
      case .encapsulation: encapsulates = true
      default: break
      }
    }
    try attributes.finish()
    hops.append(hop)
  }

  /// The value of the attribute, for a route to addresses of `version`.
  static func bytes(_ hops: [NextHop], version: IPVersion) -> [UInt8] {
    hops.flatMap { hop in
      let attributes = hop.gateway.map { gateway in
        gateway.version == version
          ? attribute(.gateway, gateway.bytes) : attribute(.via, UInt16(gateway.version.family).bytes + gateway.bytes)
      }
      let flags = hop.isOnLink ? UInt8(RTNH_F_ONLINK) : 0
      let rest = [flags, UInt8(hop.weight - 1)] + hop.interface.rawValue.bytes + (attributes ?? [])
      return UInt16(rest.count + 2).bytes + rest
    }
  }

  /// An attribute whose value needs no padding.
  private static func attribute(_ type: RouteAttribute, _ value: [UInt8]) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    return UInt16(4 + value.count).bytes + type.rawValue.bytes + value + padding
  }
}

extension [UInt8] {
  /// A number in host byte order, of up to four bytes.
  fileprivate var number: UInt32 {
    (1.littleEndian == 1 ? reversed() : self).reduce(0) { $0 << 8 | UInt32($1) }
  }
}

extension FixedWidthInteger {
  /// In host byte order.
  fileprivate var bytes: [UInt8] { unsafe withUnsafeBytes(of: self) { unsafe Array($0) } }
}
