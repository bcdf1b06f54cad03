// SPDX-License-Identifier: MIT
public import DataPlane
public import Wire

/// What a director would make of packets that it sends to one real server, without a director.
public struct Encapsulator: Hashable, Sendable {
  private let destination: Destination
  /// Room for the longest headers in front; the frame starts at an address that is 2 modulo 4.
  private static let headroom = 66

  /// Encapsulates packets for `address`, by the way `path`.
  public init(to address: IPAddress, _ outer: OuterHeader, by path: Destination.Path) {
    destination = Destination(serviceIndex: 0, address: address, outer: outer, path: path)
  }

  /// The largest packet of a client's, in bytes, that the way carries in one piece.
  public var largestPacket: Int { Int(destination.mtu) - destination.overhead }

  /// The frame that carries `packet`, an IP packet.
  ///
  /// - Throws: `Verdict` where a director would not send it.
  public func frame(_ packet: [UInt8]) throws(Verdict) -> [UInt8] {
    let header = LinkHeader(
      destination: destination.egress, source: .zero, vlan: 0, type: packet.first.map { $0 >> 4 } == 6 ? .ipv6 : .ipv4)
    let offset = Self.headroom
    var room = [UInt8](repeating: 0, count: offset + header.size) + packet
    let place = try unsafe room.withUnsafeMutableBufferPointer { (room) throws(Verdict) in
      let room = UnsafeMutableRawBufferPointer(room)
      if let base = room.baseAddress {
        unsafe header.emit(into: PacketBytes(start: base + offset, end: base + room.count))
      }
      var environment = unsafe TablelessEnvironment(room, frameAt: offset)
      try carry(&environment, to: destination)
      return environment.place.range
    }
    return Array(room[place])
  }
}
