// SPDX-License-Identifier: MIT
public import DataPlane
import UserspaceEngine
public import Wire

/// The way from a director to a real server, on which probes travel as clients' packets do.
public struct ServerTunnel: Hashable, Sendable {
  /// The real server's: the outer destination.
  public var address: IPAddress
  public var outer: OuterHeader
  public var path: Destination.Path

  public init(to address: IPAddress, _ outer: OuterHeader, by path: Destination.Path) {
    self.address = address
    self.outer = outer
    self.path = path
  }

  /// The largest packet, in bytes, that a director sends this way in one piece.
  public var largestPacket: Int { Int(path.mtu) - overhead }

  /// Bytes in front of a packet, the outer IP header included.
  var overhead: Int { outer.encapsulation.overhead(outer: address.version) }

  /// What a director makes of `probe`: by the very code that forwards clients' packets.
  ///
  /// - Throws: ``ProbeError`` where it would not send it, for it is too long, say.
  public func carry(_ probe: ProbePacket) throws -> CarriedProbe {
    let encapsulator = Encapsulator(to: address, outer, by: path)
    do throws(Verdict) {
      let frame = try encapsulator.frame(probe.bytes)
      return CarriedProbe(probe: probe, frame: frame, isInTunnel: outer.encapsulation != .l2)
    } catch {
      throw ProbeError("a director does not send a packet of \(probe.bytes.count) bytes to \(address): \(error)")
    }
  }

  /// The same way without a tunnel: for a probe of the real server's own address.
  func frame(bare probe: ProbePacket) -> [UInt8] {
    let header = LinkHeader(
      destination: path.nextHop, source: path.egress, vlan: path.vlan,
      type: probe.flow.version == .v6 ? .ipv6 : .ipv4)
    return .emitting(header.size) { header.emit(into: $0) } + probe.bytes
  }
}

/// A probe in the frame that carries it.
public struct CarriedProbe: Hashable, Sendable {
  public let probe: ProbePacket
  /// From the Ethernet header on.
  public let frame: [UInt8]
  /// The packet that carries the probe, IP header first; nil where that travels as it is.
  public let outer: [UInt8]?

  init(probe: ProbePacket, frame: [UInt8], isInTunnel: Bool) {
    self.probe = probe
    self.frame = frame
    var frame = frame
    let linkSize = (try? frame.withPacketBytes { try LinkHeader(parsing: $0) })?.size ?? frame.count
    outer = isInTunnel ? Array(frame.dropFirst(linkSize)) : nil
  }
}
