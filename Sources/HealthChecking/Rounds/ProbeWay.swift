// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Health
import Probing
import UserspaceEngine
import Wire

/// Where probes come from and go to, and how they are carried there.
struct ProbeWay: Hashable {
  let leg: CheckFailure.Leg
  /// An address of this host.
  let source: IPAddress
  /// Who is asked.
  let destination: IPAddress
  /// Through which they leave.
  let interface: UInt32
  /// The largest packet, in bytes, that goes this way.
  let largestPacket: Int
  /// Of the link that answers come by, as far as is known: that is not a tunnel.
  let returnMTU: Int
  private let carrier: Carrier

  private enum Carrier: Hashable {
    case tunnel(Encapsulator)
    case link(LinkHeader)
  }

  /// To the virtual address, as the director forwards clients' packets.
  init(throughTunnelOf target: CheckTarget, by path: Destination.Path, from source: IPAddress) {
    let encapsulator = Encapsulator(to: target.server.address, target.server.outer, by: path)
    self.init(
      .tunnel, from: source, to: target.virtualAddress, by: path, encapsulator.largestPacket, .tunnel(encapsulator))
  }

  /// To the real server itself, by the same next hop.
  init(directlyTo target: CheckTarget, by path: Destination.Path, from source: IPAddress) {
    let address = target.server.address
    let header = LinkHeader(
      destination: path.nextHop, source: path.egress, vlan: path.vlan,
      type: address.version == .v6 ? .ipv6 : .ipv4)
    self.init(.direct, from: source, to: address, by: path, Int(path.mtu), .link(header))
  }

  private init(
    _ leg: CheckFailure.Leg, from source: IPAddress, to destination: IPAddress, by path: Destination.Path,
    _ largestPacket: Int, _ carrier: Carrier
  ) {
    self.leg = leg
    self.source = source
    self.destination = destination
    self.interface = path.interface
    self.largestPacket = largestPacket
    self.returnMTU = min(Int(path.mtu), Self.ethernetMTU)
    self.carrier = carrier
  }

  /// What clients' hosts have, so that a probe asks for no more.
  private static let ethernetMTU = 1500

  /// Bytes of the IP header.
  var headerSize: Int { destination.version == .v6 ? IPv6Header.size : IPv4Header.size }

  /// The frame that carries `payload`.
  func frame(_ payload: [UInt8], _ transportProtocol: TransportProtocol) throws(CheckFailure) -> [UInt8] {
    let packet = IPEnvelope(from: source, to: destination, transportProtocol).packet(payload)
    guard packet.count <= largestPacket else {
      throw CheckFailure(.local, "at most \(largestPacket) bytes go this way")
    }
    switch carrier {
    case .link(let header): return [UInt8].emitting(header.size) { header.emit(into: $0) } + packet
    case .tunnel(let encapsulator):
      do throws(Verdict) {
        return try encapsulator.frame(packet)
      } catch {
        throw CheckFailure(.local, "a director does not send \(packet.count) bytes this way: \(error)")
      }
    }
  }
}
