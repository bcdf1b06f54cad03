// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// A real server that listens to one director in both families, and holds a virtual address of each.
enum RealServerScene {
  static func client(_ version: IPVersion) -> IPAddress {
    version == .v4 ? .v4("198.51.100.7") : .v6("2001:db8:c::7")
  }

  static func director(_ version: IPVersion) -> IPAddress {
    version == .v4 ? .v4("192.0.2.10") : .v6("2001:db8:d::10")
  }

  static func endpoint(_ version: IPVersion) -> IPAddress {
    version == .v4 ? .v4("10.1.0.11") : .v6("2001:db8:1::11")
  }

  static func stranger(_ version: IPVersion) -> IPAddress {
    version == .v4 ? .v4("192.0.2.66") : .v6("2001:db8:d::66")
  }

  static func virtualAddress(_ version: IPVersion) -> IPAddress {
    version == .v4 ? .v4("203.0.113.80") : .v6("2001:db8:f::80")
  }

  static func environment(port: UInt16 = 6080, key: UInt32? = nil) -> TestDecapsulationEnvironment {
    let environment = TestDecapsulationEnvironment(port: port, key: key)
    for version in [IPVersion.v4, .v6] {
      environment.add(.endpoint, endpoint(version))
      environment.add(.director, director(version))
      environment.add(.virtualAddress, virtualAddress(version))
    }
    return environment
  }
}

/// What a client sends.
enum ClientPacket: CaseIterable {
  case tcp, udp, icmpError, firstFragment, laterFragment, esp

  /// The IP packet.
  func bytes(_ version: IPVersion, to destination: IPAddress? = nil, trafficClass: UInt8 = 0) -> [UInt8] {
    let client = RealServerScene.client(version)
    let virtualAddress = destination ?? RealServerScene.virtualAddress(version)
    let packet = PacketBuilder().ip(from: client, to: virtualAddress, trafficClass: trafficClass)
    switch self {
    case .tcp: return packet.tcp(from: 40_000, to: 80).bytes
    case .udp: return packet.udp(from: 40_000, to: 53, payload: Array("question".utf8)).bytes
    case .icmpError:
      let quoted = PacketBuilder().ip(from: virtualAddress, to: client).udp(from: 53, to: 40_000).bytes
      return version == .v4
        ? packet.icmp(type: 3, code: 4, rest: 1400, payload: quoted).bytes
        : packet.icmpv6(type: 2, rest: 1400, payload: quoted).bytes
    case .firstFragment: return Self.pieces(of: packet)[0]
    case .laterFragment: return Self.pieces(of: packet)[1]
    case .esp: return packet.esp(spi: 9, payload: [1, 2, 3, 4]).bytes
    }
  }

  private static func pieces(of packet: PacketBuilder) -> [[UInt8]] {
    let datagram = packet.udp(from: 40_000, to: 53, payload: Array(repeating: 7, count: 200)).bytes
    return fragments(of: PacketBuilder().ethernet().raw(datagram).bytes, mtu: 160).map { Array($0.dropFirst(14)) }
  }
}

extension PacketBuilder {
  /// An IP header of the addresses' family.
  func ip(
    from source: IPAddress, to destination: IPAddress, trafficClass: UInt8 = 0, protocolNumber: UInt8? = nil
  ) -> PacketBuilder {
    switch (source, destination) {
    case (.v4(let source), .v4(let destination)):
      ipv4(
        from: source, to: destination, trafficClass: trafficClass, fragment: 0x4000, protocolNumber: protocolNumber)
    case (.v6(let source), .v6(let destination)):
      ipv6(from: source, to: destination, trafficClass: trafficClass, nextHeader: protocolNumber)
    default: preconditionFailure("\(source) and \(destination) are of different families")
    }
  }
}

/// An encapsulation over one family, of a packet of one.
struct TestTunnel: CustomTestStringConvertible, Sendable {
  let encapsulation: Encapsulation
  let outer: IPVersion
  let inner: IPVersion

  static let all: [TestTunnel] = [Encapsulation.ipip, .gre, .greKey, .fou, .gue].flatMap { encapsulation in
    [IPVersion.v4, .v6].flatMap { outer in
      [IPVersion.v4, .v6].map { TestTunnel(encapsulation: encapsulation, outer: outer, inner: $0) }
    }
  }

  var testDescription: String { "\(encapsulation) \(inner.rawValue)in\(outer.rawValue)" }

  /// The link's header, with a tag for each of `tags`, in front of `packet`, which is in the inner family or, by
  /// default, the outer one.
  func frame(_ packet: [UInt8], tags: [UInt16] = [], isStripped: Bool = false) -> [UInt8] {
    let type = isStripped ? innerType : outer == .v4 ? 0x0800 : 0x86DD
    var link = PacketBuilder().ethernet(type: tags.isEmpty ? type : nil)
    for (place, tag) in tags.enumerated() { link = link.vlan(id: tag, type: place == tags.count - 1 ? type : nil) }
    return link.raw(packet).bytes
  }

  /// The outer IP packet.
  func packet(
    _ inner: [UInt8], from source: IPAddress? = nil, to destination: IPAddress? = nil, trafficClass: UInt8 = 0,
    key: UInt32 = 7, port: UInt16 = 6080, checksum: UInt16? = 0
  ) -> [UInt8] {
    let header = PacketBuilder().ip(
      from: source ?? RealServerScene.director(outer), to: destination ?? RealServerScene.endpoint(outer),
      trafficClass: trafficClass, protocolNumber: encapsulation == .ipip ? innerProtocol : nil)
    return shim(behind: header, key: key, port: port, checksum: checksum).raw(inner).bytes
  }

  /// The same behind headers of the caller's.
  func packet(_ inner: [UInt8], behind header: PacketBuilder) -> [UInt8] {
    shim(behind: header, key: 7, port: 6080, checksum: 0).raw(inner).bytes
  }

  private func shim(behind header: PacketBuilder, key: UInt32, port: UInt16, checksum: UInt16?) -> PacketBuilder {
    switch encapsulation {
    case .ipip, .l2: header
    case .gre: header.gre(type: innerType)
    case .greKey: header.gre(type: innerType, key: key)
    case .fou: header.udp(from: 50_000, to: port, checksum: checksum)
    case .gue: header.udp(from: 50_000, to: port, checksum: checksum).gue(protocolNumber: innerProtocol)
    }
  }

  /// The number that announces the inner packet in IP.
  var innerProtocol: UInt8 { inner == .v4 ? 4 : 41 }
  private var innerType: UInt16 { inner == .v4 ? 0x0800 : 0x86DD }
}
