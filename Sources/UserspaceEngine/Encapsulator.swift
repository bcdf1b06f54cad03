// SPDX-License-Identifier: MIT
public import DataPlane
public import Wire

/// The data plane with a single service and a single destination: what a director would send there, without a director.
public struct Encapsulator: ~Copyable {
  private let tables: MemoryTables
  private let destination: Destination
  /// Room for the longest headers in front; the frame starts at an address that is 2 modulo 4.
  private static let headroom = 66
  /// Which row is whose does not matter, but 0 is nobody's.
  private static let index: UInt32 = 1

  /// Encapsulates packets of the service `key` for `address`, by the way `path`.
  public init(
    _ key: ServiceKey, to address: IPAddress, _ outer: OuterHeader, by path: Destination.Path
  ) throws {
    let destination = Destination(serviceIndex: Self.index, address: address, outer: outer, path: path)
    let row = DestinationIndex(rawValue: Self.index)
    let tables = try MemoryTables()
    tables.setDestination(destination, at: row)
    tables.replaceSlots(
      ofService: Self.index, with: [Slot](repeating: .settled(owner: row), count: slotCount).span)
    tables.set(
      ServiceEntry(index: Self.index, hashSeed: 0, tracking: .none), for: key, in: tables.pointers.services)
    self.tables = tables
    self.destination = destination
  }

  /// The largest packet of a client's, in bytes, that the way carries in one piece.
  public var largestPacket: Int { Int(destination.mtu) - destination.overhead }

  /// The frame that carries `packet`, an IP packet of the service.
  ///
  /// - Throws: `Verdict` where a director would not send it.
  public borrowing func frame(_ packet: [UInt8]) throws(Verdict) -> [UInt8] {
    let header = LinkHeader(
      destination: destination.egress, source: .zero, vlan: 0, type: packet.first.map { $0 >> 4 } == 6 ? .ipv6 : .ipv4)
    let offset = Self.headroom
    var room = [UInt8](repeating: 0, count: offset + header.size) + packet
    let (decision, place) = unsafe room.withUnsafeMutableBytes { room in
      if let base = room.baseAddress {
        unsafe header.emit(into: PacketBytes(start: base + offset, end: base + room.count))
      }
      return unsafe tables.forward(room, frameAt: offset, now: Tick(rawValue: 1))
    }
    guard decision.verdict == .sent else { throw decision.verdict }
    return Array(room[place])
  }
}
